// Words before the program that a command really runs: `env X=1 nohup claude`, `timeout 10m nice
// claude`, `npx -y opencode-ai`.
#ifndef ZBROKER_SHIMS_TOOLS_LAUNCHER_H_
#define ZBROKER_SHIMS_TOOLS_LAUNCHER_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace zbroker::tools {

struct Launched {
  size_t at = 0;            // of the word that names the program
  bool is_package = false;  // it may be the name of a package of npm's, with a version
  // It gets none of the environment that the command is started with.
  bool is_bare = false;
};

// What the command runs in the end, as far as the launchers that it begins with are known. Nothing
// when they are used in a way that is not: options that may mean anything, nothing behind them.
std::optional<Launched> FindLaunched(const std::vector<std::string>& command);

// The package's name without its version.
std::string PackageName(const std::string& package);

}  // namespace zbroker::tools

#endif  // ZBROKER_SHIMS_TOOLS_LAUNCHER_H_
