// `[account.NAME.mcp]` of the configuration: which calls of MCP servers' tools take a lease, and
// whether that is a slot, too. The relays of such servers go by the former; the daemon, which sees
// no call, only checks it.
#ifndef ZBROKER_CLIENT_CONFIG_MCP_H_
#define ZBROKER_CLIENT_CONFIG_MCP_H_

#include <string>
#include <vector>

#include "client/config/table_reader.h"

namespace zbroker::config {

struct McpSettings {
  // Globs of tools' names; see client/base/glob.h. Empty: nothing is said of them.
  std::vector<std::string> tools;
  // Whether they take slots, as requests of models do. The provider counts them apart.
  bool slots = false;
};

McpSettings ReadMcp(TableReader& reader);

}  // namespace zbroker::config

#endif  // ZBROKER_CLIENT_CONFIG_MCP_H_
