// A tool that zlease can put behind a gateway, and how that is done.
#ifndef ZBROKER_SHIMS_TOOLS_TOOL_H_
#define ZBROKER_SHIMS_TOOLS_TOOL_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "shims/tools/surroundings.h"

namespace zbroker::tools {

// How a tool is asked for.
struct Invocation {
  std::vector<std::string> arguments;  // of the tool, without its name
  std::string upstream;                // as the user named it for this run; may be empty
  std::string account;                 // whose configuration counts; empty: the default account
};

// A text that the tool reads from a file. The gateway's URL is a secret, and arguments are not:
// every user of the machine can list them.
struct PrivateFile {
  std::string content;
  size_t argument = 0;  // this one of the arguments is to be its path
};

// How to start a tool so that it uses a gateway.
struct Launch {
  std::vector<std::string> arguments;
  Variables variables;  // in place of those with the same names
  std::optional<PrivateFile> file;
};

// What is to be known before the gateway is started.
struct Plan {
  // The base URL that the tool would have used.
  std::string upstream;
  // The tool's own settings, where they matter for reaching the upstream.
  Variables gateway_variables;
  // For the user to hear: settings that can't be read, choices made.
  std::vector<std::string> remarks;
  // Given the gateway's base URL.
  std::function<Launch(absl::string_view gateway)> launch;
};

struct Tool {
  absl::string_view name;     // of the command; empty for a program of no known kind
  absl::string_view package;  // of npm's that has it; empty: none

  // Whether such a run calls any model. Others, like `--version`, need neither gateway nor lease.
  bool (*calls_models)(const std::vector<std::string>& arguments);

  // Reads what the tool itself would read, and changes nothing. Settings that the tool would pass
  // over are passed over with a remark. Errors: INVALID_ARGUMENT, a URL, settings among the
  // arguments or zbroker's own configuration are not valid; FAILED_PRECONDITION, this run can't be
  // put behind a gateway, and why.
  absl::StatusOr<Plan> (*plan)(const Invocation& invocation, const Surroundings& surroundings);
};

// The tool that a command is; null for one that is not known. Paths are looked at by their last
// part.
const Tool* FindTool(absl::string_view command);

// The tool that a command line runs in the end, through launchers such as `env` and `npx` too, and
// which of the words names it; null if it is not known.
struct FoundTool {
  const Tool* tool = nullptr;
  size_t at = 0;
};
FoundTool FindToolIn(const std::vector<std::string>& command);

// Any program whose libraries take their base URL from the environment.
const Tool& AnyProgram();

// The names that FindTool knows.
std::vector<std::string> ToolNames();

}  // namespace zbroker::tools

#endif  // ZBROKER_SHIMS_TOOLS_TOOL_H_
