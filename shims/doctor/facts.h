// What the doctor's looks have seen. Plain data: the looks only fill it in, and the rules only read
// it.
#ifndef ZBROKER_SHIMS_DOCTOR_FACTS_H_
#define ZBROKER_SHIMS_DOCTOR_FACTS_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "client/base/gateway_record.h"
#include "shims/tools/surroundings.h"
#include "shims/tools/tool.h"
#include "zbroker/v1/events.pb.h"
#include "zbroker/v1/ledger.pb.h"

namespace zbroker::doctor {

struct DaemonFacts {
  enum class State {
    kUnknown,
    kAnswers,
    kDown,
    kSilent,   // it was connected to, and does not answer
    kRefuses,  // something keeps us from connecting
  };

  State state = State::kUnknown;
  std::string trouble;    // why it does not answer
  v1::Status status;      // kAnswers: what it said
  v1::HookList hooks;     // none where they may not be seen
  std::string socket;     // where it was looked for
  std::string service;    // the command that shows the service which runs it; empty: nobody's
  pid_t pid = 0;          // 0: not known
  bool stopped = false;   // by a signal
  bool replaced = false;  // its program is no more what is on disk
};

struct DirectoryFacts {
  std::string path;
  bool is_own = false;         // of the user who asks, rather than of a daemon of the machine
  std::optional<uid_t> owner;  // empty: it is not there
  bool others_write = false;
  std::string network_type;  // "NFS"; empty: a local file system
  std::optional<uint64_t> bytes_free;
  bool has_inodes = true;
};

struct LedgerFacts {
  enum class Verdict { kUnknown, kNone, kSound, kDamaged, kUnread };

  std::string directory;
  Verdict verdict = Verdict::kUnknown;
  std::string words;     // what is wrong, or why it was not read
  bool is_late = false;  // it was being read when the time was over
  absl::Duration clock_step;
  absl::Duration clock_behind;
};

struct AccountSettings {
  std::string name;
  bool has_plan = false;
  std::string plan;      // as it is written; empty: none
  std::string upstream;  // empty: not named
  int floor = 1;         // learning goes no lower
};

struct ConfigFacts {
  std::string file;
  std::string mistake;    // empty: none is known of
  bool has_file = false;  // it is there
  std::string unread;     // why it could not be looked at; empty: it was
  std::vector<AccountSettings> accounts;
};

struct GatewayFacts {
  GatewayRecord record;
  bool has_kept_token = true;
  bool replaced = false;
};

// A socket that listens on loopback.
struct ListenerFacts {
  uint16_t port = 0;
  uid_t user = 0;
};

// Where some of a tool's requests go, seen beside our gateways.
struct RouteFacts {
  tools::Route route;
  bool through_ours = false;  // with a token that is known
  // The URL is one of a gateway of ours by its looks: what follows the token.
  std::optional<std::string> behind_token;
  // Where they went before set-up pointed them at a gateway: the base URL; empty: not known.
  std::string before;
};

struct ToolFacts {
  std::string name;     // as set-up calls it
  std::string command;  // as a person calls it
  std::string path;     // of the program; empty: none in PATH
  std::string file;     // of its settings
  bool has_file = false;
  std::vector<RouteFacts> routes;
  std::vector<tools::Route> overridden;
  std::vector<std::string> remarks;
};

// A process of this user that is connected to a host of the upstream.
struct ConnectionFacts {
  pid_t pid = 0;  // 0: whose it is can't be told
  std::string program;
  std::string command;      // the words to run it again with; empty: they can't be told
  std::string tool;         // the known tool that it is, by the name of its command
  std::string to;           // "api.z.ai:443"
  bool is_ours = false;     // a gateway, or what asks the meter
  bool has_holder = false;  // a zlease that holds a lease for it runs
  // Itself, its parent, and so on.
  std::vector<pid_t> ancestors;
};

// Something that could not be looked at.
struct FailedLook {
  std::string what;
  std::string why;
  std::string fix;
};

struct Facts {
  absl::Time now;
  absl::TimeZone zone;
  std::string version;  // of this program
  uid_t user = 0;
  bool has_gateway_service = false;

  std::vector<std::string> bad_variables;  // "NAME=…: what is wrong with it"
  DaemonFacts daemon;
  std::vector<DirectoryFacts> directories;
  LedgerFacts ledger;
  ConfigFacts config;
  std::vector<GatewayFacts> gateways;
  std::vector<ListenerFacts> listeners;
  std::vector<ToolFacts> tools;
  tools::Variables environment;  // those that name base URLs, as far as they are set
  std::vector<ConnectionFacts> connections;
  // Who held leases, not through a gateway, before or after the connections were looked at.
  std::set<pid_t> lease_holders;
  std::vector<FailedLook> failed;
};

}  // namespace zbroker::doctor

#endif  // ZBROKER_SHIMS_DOCTOR_FACTS_H_
