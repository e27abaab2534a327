// What the command line of zctl-setup says.
#ifndef ZBROKER_SHIMS_SETUP_COMMAND_LINE_H_
#define ZBROKER_SHIMS_SETUP_COMMAND_LINE_H_

#include <string>
#include <variant>
#include <vector>

namespace zbroker::setup {

// Exit codes of zctl.
inline constexpr int kExitFine = 0;
inline constexpr int kExitRefused = 1;
inline constexpr int kExitUsage = 2;

struct CommandLine {
  std::string tool;  // empty: all are listed
  bool print = false;
  bool yes = false;
  bool undo = false;
  bool json = false;
  // Of claude, in place of the gateway: what is entered into its settings.
  bool mcp = false;
  bool hook = false;
  // Of `mcp`.
  std::vector<std::string> servers;  // empty: all
  bool unwrap = false;
};

// The command line; or the exit status, when it was wrong, or asked for help: what there is to say
// has then been printed.
std::variant<CommandLine, int> ParseCommandLine(int argc, char** argv);

}  // namespace zbroker::setup

#endif  // ZBROKER_SHIMS_SETUP_COMMAND_LINE_H_
