// `zlease mcp`: an MCP server whose tool calls take leases.
#ifndef ZBROKER_SHIMS_MCP_RUN_H_
#define ZBROKER_SHIMS_MCP_RUN_H_

namespace zbroker::mcp {

// argv[0] is "mcp". REQUIRES: no thread exists. Returns the exit status for zlease, which should
// end without more ado; dies by the server's signal if that died by one.
int Run(int argc, char** argv);

}  // namespace zbroker::mcp

#endif  // ZBROKER_SHIMS_MCP_RUN_H_
