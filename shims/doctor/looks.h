// The doctor's looks at the machine. Each changes nothing, and says nothing of what it means: that
// is for the rules. What vanishes meanwhile, or can't be read, counts as not there.
#ifndef ZBROKER_SHIMS_DOCTOR_LOOKS_H_
#define ZBROKER_SHIMS_DOCTOR_LOOKS_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "shims/doctor/facts.h"
#include "shims/doctor/look.h"
#include "shims/doctor/targets.h"

namespace zbroker::doctor {

// Starts no daemon, and waits so long for its answer.
DaemonFacts LookAtDaemon(absl::Duration patience);

DirectoryFacts LookAtDirectory(const std::string& path, bool is_own);

struct GatewaysSeen {
  std::vector<GatewayFacts> gateways;
  std::vector<ListenerFacts> listeners;
};
GatewaysSeen LookAtGateways();

struct ToolsSeen {
  std::vector<ToolFacts> tools;
  tools::Variables environment;
  bool has_gateway_service = false;
};
ToolsSeen LookAtTools();

// What shims read of zbroker's configuration, without its mistakes: the daemon's own check says
// those.
ConfigFacts LookAtConfig();

// What the daemon's program says of the configuration and the ledger (`zbrokerd --check`). It is
// killed at the deadline.
struct CheckSeen {
  LedgerFacts ledger;
  std::string config_mistake;
  std::string config_unread;
};
CheckSeen RunCheck(const std::string& state_directory, const std::string& config_file,
                   Deadline deadline);

// From the lines of daemon/check.h. `is_late`: the program was killed before it had said all.
CheckSeen ParseCheck(const std::string& text, bool is_late);

// The processes of this user that are connected to one of the targets, at most 64, and still are
// when it looks again a moment later.
std::vector<ConnectionFacts> LookAtConnections(const std::vector<Target>& targets);

}  // namespace zbroker::doctor

#endif  // ZBROKER_SHIMS_DOCTOR_LOOKS_H_
