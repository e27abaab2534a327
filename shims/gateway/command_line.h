// What the command line of zlease-gateway says.
#ifndef ZBROKER_SHIMS_GATEWAY_COMMAND_LINE_H_
#define ZBROKER_SHIMS_GATEWAY_COMMAND_LINE_H_

#include <optional>
#include <string>
#include <variant>

#include "absl/time/time.h"
#include "shims/gateway/meter_watch.h"
#include "shims/gateway/options.h"

namespace zbroker::gateway {

inline constexpr int kExitFailure = 125;

struct CommandLine {
  Options options;
  std::string client_name;
  absl::Duration broker_timeout = absl::Seconds(30);
  bool ephemeral = false;  // its token is nobody else's to know
  bool quiet = false;
  std::optional<MeterWatch::Options> meter;  // absent: it is not asked
};

// The options; or the exit status, when the command line was wrong, or asked for help: what there
// is to say has then been printed. Takes the token from ZLEASE_GATEWAY_TOKEN, if that is set, and
// else makes or finds one; and the upstream, if no option names it, from zbroker's configuration.
std::variant<CommandLine, int> ParseCommandLine(int argc, char** argv);

}  // namespace zbroker::gateway

#endif  // ZBROKER_SHIMS_GATEWAY_COMMAND_LINE_H_
