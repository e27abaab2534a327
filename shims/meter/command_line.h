// What the command line of zctl-meter says.
#ifndef ZBROKER_SHIMS_METER_COMMAND_LINE_H_
#define ZBROKER_SHIMS_METER_COMMAND_LINE_H_

#include <optional>
#include <string>
#include <variant>

#include "absl/time/time.h"
#include "shims/meter/key.h"
#include "shims/meter/pace.h"

namespace zbroker::meter {

// As zctl's.
inline constexpr int kExitBadNews = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitNoDaemon = 69;

struct CommandLine {
  std::string account;
  std::string upstream;  // empty: the account's in the configuration
  KeyPlace key;
  std::optional<absl::Duration> every;  // absent: once
  bool json = false;
  bool quiet = false;
  absl::Duration apart = kApartMin;
};

// The options; or the exit status, when the command line was wrong, or asked for help: what there
// is to say has then been printed.
std::variant<CommandLine, int> ParseCommandLine(int argc, char** argv);

}  // namespace zbroker::meter

#endif  // ZBROKER_SHIMS_METER_COMMAND_LINE_H_
