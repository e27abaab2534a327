// What the command line of zctl-doctor says.
#ifndef ZBROKER_SHIMS_DOCTOR_COMMAND_LINE_H_
#define ZBROKER_SHIMS_DOCTOR_COMMAND_LINE_H_

#include <variant>

#include "shims/doctor/collect.h"

namespace zbroker::doctor {

// Exit codes of zctl.
inline constexpr int kExitHealthy = 0;
inline constexpr int kExitBadNews = 1;
inline constexpr int kExitUsage = 2;

struct CommandLine {
  CollectOptions options;
  bool json = false;
  bool list = false;
};

// The command line; or the exit status, when it was wrong, or asked for help: what there is to say
// has then been printed.
std::variant<CommandLine, int> ParseCommandLine(int argc, char** argv);

}  // namespace zbroker::doctor

#endif  // ZBROKER_SHIMS_DOCTOR_COMMAND_LINE_H_
