// What Claude Code can have besides a gateway: `zctl mcp`, by which its model asks what is left,
// and `zctl hook claude`, which keeps it from starting sub-agents that would get nowhere.
#ifndef ZBROKER_SHIMS_TOOLS_CLAUDE_EXTRAS_H_
#define ZBROKER_SHIMS_TOOLS_CLAUDE_EXTRAS_H_

#include <string>

#include "absl/status/statusor.h"
#include "shims/tools/surroundings.h"
#include "shims/tools/tool.h"

namespace zbroker::tools {

// Where both go, of the user: the servers into what Claude Code keeps itself, the hooks into the
// settings.
std::string ClaudeServersFile(const Surroundings& surroundings);
std::string ClaudeSettingsFile(const Surroundings& surroundings);

// `zctl`: how it is called. Without a file where nothing is to be changed. Errors:
// FAILED_PRECONDITION when a server that is something else has our name; those of SetJson and
// Surroundings::ReadFile.
absl::StatusOr<SetUp> RegisterServer(const std::string& zctl, const Surroundings& surroundings);
absl::StatusOr<SetUp> RegisterHook(const std::string& zctl, const Surroundings& surroundings);

}  // namespace zbroker::tools

#endif  // ZBROKER_SHIMS_TOOLS_CLAUDE_EXTRAS_H_
