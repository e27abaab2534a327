// What a message that is posted to an MCP server over HTTP asks for, as far as leases go.
#ifndef ZBROKER_SHIMS_GATEWAY_TOOL_CALLS_H_
#define ZBROKER_SHIMS_GATEWAY_TOOL_CALLS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "shims/gateway/headers.h"
#include "shims/mcp/message.h"
#include "shims/zai/endpoint.h"

namespace zbroker::gateway {

struct ToolCalls {
  // Whether the body could be read at all; nothing else is known of one that couldn't.
  bool readable = false;
  bool batch = false;
  // Those that want an answer, calls or not.
  std::vector<mcp::Message> requests;
  // Calls of tools that take a lease, and what is called first.
  int leased = 0;
  std::string tool;
  // Of a message that cancels a request: the request's id, as JSON. Batches are not taken apart.
  std::string cancelled;
};

// Nothing of what is posted to no MCP server. `path`: of the upstream's URL, which says whose tools
// they are; `globs`: the names of tools whose calls take leases. Never fails.
ToolCalls FindToolCalls(const zai::Endpoint& endpoint, absl::string_view path,
                        const Headers& headers, absl::string_view body,
                        const std::vector<std::string>& globs);

}  // namespace zbroker::gateway

#endif  // ZBROKER_SHIMS_GATEWAY_TOOL_CALLS_H_
