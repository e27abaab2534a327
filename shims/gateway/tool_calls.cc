#include "shims/gateway/tool_calls.h"

#include <utility>

#include "client/base/glob.h"
#include "shims/zai/mcp.h"
#include "shims/zai/request.h"

namespace zbroker::gateway {

ToolCalls FindToolCalls(const zai::Endpoint& endpoint, absl::string_view path,
                        const Headers& headers, absl::string_view body,
                        const std::vector<std::string>& globs) {
  ToolCalls calls;
  if (!endpoint.mcp) return calls;
  std::string decoded;
  mcp::MessageReader reader;
  mcp::MessageLine line = reader.Read(zai::PlainBody(
      [&](absl::string_view name) { return FindHeader(headers, name); }, body, &decoded));
  calls.batch = line.batch;
  calls.readable = line.batch || !line.messages.empty();
  for (mcp::Message& message : line.messages) {
    const bool call = message.kind == mcp::Message::Kind::kCall;
    if (call && AnyGlobMatches(globs, message.tool)) {
      if (++calls.leased == 1) calls.tool = zai::ToolName(path, message.tool);
    }
    if (message.kind == mcp::Message::Kind::kCancel && !line.batch) calls.cancelled = message.id;
    if (call || message.kind == mcp::Message::Kind::kRequest) {
      calls.requests.push_back(std::move(message));
    }
  }
  return calls;
}

}  // namespace zbroker::gateway
