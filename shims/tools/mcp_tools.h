// Which calls of MCP servers' tools take a lease, as the configuration has it.
#ifndef ZBROKER_SHIMS_TOOLS_MCP_TOOLS_H_
#define ZBROKER_SHIMS_TOOLS_MCP_TOOLS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "shims/tools/surroundings.h"

namespace zbroker::tools {

// `tools` of [account.NAME.mcp]: globs of tools' names; that of any tool where it says nothing. An
// empty name is the default account's. Errors: as ReadAccountTable.
absl::StatusOr<std::vector<std::string>> ConfiguredMcpTools(const std::string& account,
                                                            const Surroundings& surroundings);

}  // namespace zbroker::tools

#endif  // ZBROKER_SHIMS_TOOLS_MCP_TOOLS_H_
