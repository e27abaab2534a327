// What the command line of zlease says.
#ifndef ZBROKER_SHIMS_ZLEASE_OPTIONS_H_
#define ZBROKER_SHIMS_ZLEASE_OPTIONS_H_

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "shims/flags/lease.h"
#include "zbroker/v1/broker.pb.h"

namespace zbroker::zlease {

using flags::IfUnavailable;

// As the first argument: all others are those of a relay of an MCP server.
inline constexpr absl::string_view kMcpWord = "mcp";

enum class Mode {
  kPerCommand,  // one lease while the command runs
  kPerRequest,  // a gateway while the command runs, which takes one lease for each request
  kGateway,     // a gateway until it is stopped
  kPlain,       // a known agent that calls no model this time: neither lease nor gateway
};

struct Options {
  Mode mode = Mode::kPerCommand;
  v1::Acquire request;  // without deadline
  std::optional<absl::Duration> timeout;
  absl::Duration broker_timeout = absl::Seconds(30);
  IfUnavailable if_unavailable = IfUnavailable::kWait;
  std::string upstream;  // of a gateway; empty: not named
  bool quiet = false;
  // Never empty; for kGateway, the arguments that follow that word instead.
  std::vector<std::string> command;
};

// The options; or the exit status, when the command line was wrong, or asked for help: what there
// is to say has then been printed. Says so if the command is not one that is known to be an agent,
// and was not set off by "--". Takes ZLEASE_PARENT from the environment, and ZLEASE_PRIORITY, if no
// option says a priority; a gateway that runs until it is stopped looks at that variable itself.
std::variant<Options, int> ParseOptions(int argc, char** argv);

}  // namespace zbroker::zlease

#endif  // ZBROKER_SHIMS_ZLEASE_OPTIONS_H_
