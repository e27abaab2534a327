// What zctl can be asked for: a struct per subcommand, run by the file named after it.
#ifndef ZBROKER_CLIENT_ZCTL_COMMANDS_H_
#define ZBROKER_CLIENT_ZCTL_COMMANDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client/condition/condition.h"
#include "client/zctl/console.h"
#include "zbroker/v1/ledger.pb.h"

namespace zbroker::zctl {

// An empty account is every account in a question and the default account in an order.

struct StatusCommand {
  std::string account;
  bool json = false;
  bool watch = false;
  absl::Duration interval = absl::Seconds(1);
};

struct StatuslineCommand {
  std::string account;
  std::string format;  // see statusline_view.h
};

struct LeasesCommand {
  std::string account;
  bool json = false;
};

struct QueueCommand {
  std::string account;
  bool json = false;
};

enum class LedgerFormat { kTable, kCsv, kJson };

struct LedgerCommand {
  // Empty or absent takes all.
  std::string account;
  std::string session;
  std::string model;
  v1::Outcome outcome = v1::OUTCOME_UNSPECIFIED;
  std::optional<absl::Duration> since;  // before now
  v1::GroupBy by = v1::GROUP_BY_UNSPECIFIED;
  std::optional<uint32_t> limit;  // the latest so many leases
  LedgerFormat format = LedgerFormat::kTable;
};

struct ShowLimitCommand {
  std::string account;
  bool json = false;
};

struct SetLimitCommand {
  std::string account;
  std::string model;              // empty: the account's limit
  std::optional<uint32_t> limit;  // absent: unpinned
  bool dry_run = false;
  bool json = false;
};

struct PauseCommand {
  std::string account;
  v1::Part part;
  std::optional<absl::Time> until;
  bool json = false;
};

struct ResumeCommand {
  std::string account;
  v1::Part part;
  bool end_breaker = false;
  bool json = false;
};

struct RevokeCommand {
  uint64_t lease_id = 0;
  bool json = false;
};

struct ReloadCommand {
  bool check = false;
  bool json = false;
};

struct ConfigCommand {
  bool origin = false;
  std::string check;  // a file; empty: what is in force is asked for
  bool json = false;
};

struct ExplainCommand {
  std::string account;
  std::string what;  // as in ExplainRequest
  bool json = false;
};

struct EventsCommand {
  std::string account;
  std::vector<std::string> kinds;       // none: all
  std::optional<absl::Duration> since;  // before now
  bool follow = false;
  bool json = false;
};

struct WaitCommand {
  std::string account;  // empty: the default account
  std::optional<condition::Condition> condition;
  std::optional<absl::Duration> timeout;
  bool json = false;
};

struct CompletionCommand {
  std::string script;
};

using Command = std::variant<StatusCommand, StatuslineCommand, LeasesCommand, QueueCommand,
                             LedgerCommand, ShowLimitCommand, SetLimitCommand, PauseCommand,
                             ResumeCommand, RevokeCommand, ReloadCommand, ExplainCommand,
                             EventsCommand, WaitCommand, ConfigCommand, CompletionCommand>;

// Whether a program reads the answer.
bool WantsJson(const Command& command);

// All of them: ask the daemon, starting one if none runs, and print the answer. Errors: UNAVAILABLE
// and DEADLINE_EXCEEDED when there is no daemon or no answer, DATA_LOSS when the answer could not
// be written, else the daemon's refusal. Part of an answer may have been printed by then.
absl::Status Run(const StatusCommand& command, Console& console);
// This one starts no daemon, and says so in place of a line when there is none.
absl::Status Run(const StatuslineCommand& command, Console& console);
absl::Status Run(const LeasesCommand& command, Console& console);
absl::Status Run(const QueueCommand& command, Console& console);
absl::Status Run(const LedgerCommand& command, Console& console);
absl::Status Run(const ShowLimitCommand& command, Console& console);
absl::Status Run(const SetLimitCommand& command, Console& console);
absl::Status Run(const PauseCommand& command, Console& console);
absl::Status Run(const ResumeCommand& command, Console& console);
absl::Status Run(const RevokeCommand& command, Console& console);
absl::Status Run(const ReloadCommand& command, Console& console);
absl::Status Run(const ExplainCommand& command, Console& console);
absl::Status Run(const EventsCommand& command, Console& console);
// OK once the condition holds; TimeOver() when that took too long.
absl::Status Run(const WaitCommand& command, Console& console);
// Starts no daemon: where none runs, it asks zbrokerd what one would have.
absl::Status Run(const ConfigCommand& command, Console& console);
// Asks no daemon.
absl::Status Run(const CompletionCommand& command, Console& console);

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_COMMANDS_H_
