// The MCP servers that tools' settings name, and what has their calls take leases: `zlease mcp --`
// before the command that starts one.
#ifndef ZBROKER_SHIMS_TOOLS_MCP_SERVERS_H_
#define ZBROKER_SHIMS_TOOLS_MCP_SERVERS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "shims/tools/settings_file.h"
#include "shims/tools/surroundings.h"

namespace zbroker::tools {

// A file in which there may be some.
struct McpFile {
  enum class Manner {
    kServers,   // {"mcpServers": {NAME: {"command": …, "args": […]}}}
    kProjects,  // the same, and once more for each of its "projects"
    kCommands,  // {"mcp": {NAME: {"type": "local", "command": […]}}}
  };

  std::string path;
  Syntax syntax = Syntax::kJson;
  Manner manner = Manner::kServers;
};

// Those that Claude Code, OpenCode, Kilo and Cline read here and now, whether or not they are
// there.
std::vector<McpFile> McpFiles(const Surroundings& surroundings);

struct McpServer {
  enum class State {
    kDirect,   // nobody leases for its calls
    kWrapped,  // by us, in place
    kLeased,   // zlease starts it, in some other way
    kOwn,      // it is `zctl mcp`, which must answer when nothing else is let through
    kRemote,   // no command starts it
    kUnclear,  // its entry is no server that its tool would take
  };

  std::string name;
  State state = State::kUnclear;
  std::vector<std::string> command;  // with its arguments
  std::vector<std::string> entry;    // the keys that lead to what has the command
  bool names_path = false;           // it has a PATH of its own
};

// Those in a text of the file, in their order. Errors: INVALID_ARGUMENT for what JsonObject does
// not take; a text of blanks has none.
absl::StatusOr<std::vector<McpServer>> FindServers(absl::string_view text, const McpFile& file);

// The text with the server wrapped or unwrapped; every other byte stays. `zlease`: its command.
// REQUIRES: the server is of this very text; kDirect, kWrapped.
absl::StatusOr<std::string> Wrap(absl::string_view text, const McpFile& file,
                                 const McpServer& server, const std::string& zlease);
absl::StatusOr<std::string> Unwrap(absl::string_view text, const McpFile& file,
                                   const McpServer& server);

}  // namespace zbroker::tools

#endif  // ZBROKER_SHIMS_TOOLS_MCP_SERVERS_H_
