// `[account.NAME.mcp]` of the configuration: which calls of MCP servers' tools take a lease. The
// relays of such servers go by it; the daemon, which sees no call, only checks it.
#ifndef ZBROKER_CLIENT_CONFIG_MCP_H_
#define ZBROKER_CLIENT_CONFIG_MCP_H_

#include <string>
#include <vector>

#include "client/config/table_reader.h"

namespace zbroker::config {

struct McpSettings {
  // Globs of tools' names; see client/base/glob.h. Empty: nothing is said of them.
  std::vector<std::string> tools;
};

McpSettings ReadMcp(TableReader& reader);

}  // namespace zbroker::config

#endif  // ZBROKER_CLIENT_CONFIG_MCP_H_
