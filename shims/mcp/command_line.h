// The command line of `zlease mcp`.
#ifndef ZBROKER_SHIMS_MCP_COMMAND_LINE_H_
#define ZBROKER_SHIMS_MCP_COMMAND_LINE_H_

#include <variant>

#include "shims/mcp/options.h"

namespace zbroker::mcp {

// argv[0] is "mcp". The options; or the exit status, when the command line was wrong, or asked for
// help: what there is to say has then been printed. Takes ZLEASE_PARENT from the environment, and
// ZLEASE_PRIORITY if no option says a priority.
std::variant<Options, int> ParseCommandLine(int argc, char** argv);

}  // namespace zbroker::mcp

#endif  // ZBROKER_SHIMS_MCP_COMMAND_LINE_H_
