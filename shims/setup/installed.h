// A tool as it is on this machine.
#ifndef ZBROKER_SHIMS_SETUP_INSTALLED_H_
#define ZBROKER_SHIMS_SETUP_INSTALLED_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "shims/tools/tool.h"

namespace zbroker::setup {

struct Installed {
  std::string path;     // of the program, as PATH has it; empty: not found
  std::string version;  // empty: can't be told without starting it
};

// The path of a program by its name, as PATH has it; empty: not found.
std::string FindInPath(absl::string_view name);

// Looks at files only.
Installed FindInstalled(const tools::Tool& tool);

// Whether a process's command line, a null after each argument, is the tool's: run by itself or by
// an interpreter.
bool IsCommandOf(const tools::Tool& tool, absl::string_view command_line);

// Those of this user's processes that run the tool, at most 100, by their pids.
std::vector<pid_t> FindRunning(const tools::Tool& tool);

}  // namespace zbroker::setup

#endif  // ZBROKER_SHIMS_SETUP_INSTALLED_H_
