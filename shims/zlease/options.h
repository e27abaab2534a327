// What the command line of zlease says.
#ifndef ZBROKER_SHIMS_ZLEASE_OPTIONS_H_
#define ZBROKER_SHIMS_ZLEASE_OPTIONS_H_

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "zbroker/v1/broker.pb.h"

namespace zbroker::zlease {

inline constexpr int kExitTemporary = 75;  // EX_TEMPFAIL: it would have waited, or waited too long
inline constexpr int kExitOwnFailure = 125;  // these three as env(1) has them
inline constexpr int kExitCannotRun = 126;
inline constexpr int kExitNotFound = 127;

enum class IfUnavailable { kWait, kFail, kRun };

struct Options {
  v1::Acquire request;  // without deadline
  std::optional<absl::Duration> timeout;
  absl::Duration broker_timeout = absl::Seconds(30);
  IfUnavailable if_unavailable = IfUnavailable::kWait;
  bool quiet = false;
  std::vector<std::string> command;  // never empty
};

// The options; or the exit status, when the command line was wrong, or asked for help: what there
// is to say has then been printed. Takes ZLEASE_PARENT from the environment.
std::variant<Options, int> ParseOptions(int argc, char** argv);

}  // namespace zbroker::zlease

#endif  // ZBROKER_SHIMS_ZLEASE_OPTIONS_H_
