// MCP over HTTP: JSON-RPC requests, and the errors that come inside results.
#ifndef ZBROKER_SHIMS_ZAI_MCP_H_
#define ZBROKER_SHIMS_ZAI_MCP_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace zbroker::zai {

struct McpRequest {
  // `tools/call`, alone or in a batch; also assumed of what can't be read.
  bool calls_tool = true;
  std::string id = "null";  // as JSON, of the first request that has one; at most 256 bytes
};

McpRequest ReadMcpRequest(absl::string_view body);

// What a tool is called in windows and the ledger. The names that web search and the reader give
// theirs tell whose they are; others, such as zread's `read_file`, other servers' tools have, too:
// so the server's name stands before these, as in "zread/read_file". `path`: of the URL that is
// posted to. At most 256 bytes.
std::string ToolName(absl::string_view path, absl::string_view tool);

// What "MCP error -429: {"error":{…}}" says.
struct McpErrorText {
  int code = 0;             // -429
  absl::string_view inner;  // what follows the colon
};

// Nothing unless `text` as a whole is of that form.
std::optional<McpErrorText> ParseMcpErrorText(absl::string_view text);

}  // namespace zbroker::zai

#endif  // ZBROKER_SHIMS_ZAI_MCP_H_
