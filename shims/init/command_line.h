// What the command line of zctl-init says.
#ifndef ZBROKER_SHIMS_INIT_COMMAND_LINE_H_
#define ZBROKER_SHIMS_INIT_COMMAND_LINE_H_

#include <optional>
#include <string>
#include <variant>

namespace zbroker::init {

// Exit codes of zctl.
inline constexpr int kExitFine = 0;
inline constexpr int kExitRefused = 1;
inline constexpr int kExitUsage = 2;

struct CommandLine {
  // As they were typed: none has been looked at.
  std::optional<std::string> plan, generation, purchased, upstream, tools;
  bool meter = false;
  std::string account;  // empty: the default account
  bool yes = false;
  bool print = false;
  bool undo = false;
  bool json = false;
  bool no_reload = false;

  // Whether what no flag says is asked for, where somebody can be asked.
  bool may_ask() const { return !yes && !print && !json; }
};

// The command line; or the exit status, when it was wrong, or asked for help: what there is to say
// has then been printed.
std::variant<CommandLine, int> ParseCommandLine(int argc, char** argv);

}  // namespace zbroker::init

#endif  // ZBROKER_SHIMS_INIT_COMMAND_LINE_H_
