// zctl's command line.
#ifndef ZBROKER_CLIENT_ZCTL_COMMAND_LINE_H_
#define ZBROKER_CLIENT_ZCTL_COMMAND_LINE_H_

#include <string>
#include <variant>

#include "client/zctl/commands.h"
#include "client/zctl/console.h"

namespace zbroker::zctl {

struct CommandLine {
  Command command;
  ColorMode color = ColorMode::kAuto;
};

// There is nothing to run: help or the version was asked for, or the command line is wrong.
struct Ending {
  int exit_code = 0;
  std::string out;    // for standard output
  std::string error;  // for standard error
};

// With --json a mistake is told on standard output too, as ToFailure has it.
std::variant<CommandLine, Ending> ParseCommandLine(int argc, const char* const* argv);

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_COMMAND_LINE_H_
