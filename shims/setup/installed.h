// A tool as it is on this machine.
#ifndef ZBROKER_SHIMS_SETUP_INSTALLED_H_
#define ZBROKER_SHIMS_SETUP_INSTALLED_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "shims/tools/tool.h"

namespace zbroker::setup {

struct Installed {
  std::string path;     // of the program, as PATH has it; empty: not found
  std::string version;  // empty: can't be told without starting it
};

// Looks at files only.
Installed FindInstalled(const tools::Tool& tool);

// Those of this user's processes that run the tool, at most 100, by their pids.
std::vector<pid_t> FindRunning(const tools::Tool& tool);

}  // namespace zbroker::setup

#endif  // ZBROKER_SHIMS_SETUP_INSTALLED_H_
