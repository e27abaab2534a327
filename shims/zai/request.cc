#include "shims/zai/request.h"

#include "client/base/text.h"
#include "shims/zai/mcp.h"
#include "shims/zai/model_request.h"
#include "shims/zai/printable.h"

namespace zbroker::zai {
namespace {

// The first that is present names the session.
constexpr absl::string_view kSessionHeaders[] = {
    "x-claude-code-session-id",  // Claude Code
    "x-session-id",              // OpenCode
    "x-session-affinity",        // OpenCode
};

std::string FindSession(HeaderLookup headers) {
  for (const absl::string_view name : kSessionHeaders) {
    std::string session = Printable(headers(name), kNameBytesMax);
    if (!session.empty()) return session;
  }
  return "";
}

}  // namespace

Inspection InspectRequest(const Endpoint& endpoint, HeaderLookup headers, absl::string_view body) {
  Inspection inspection;
  inspection.session = FindSession(headers);
  if (endpoint.mcp) {
    const McpRequest request = ReadMcpRequest(body);
    inspection.kind = Kind::kMcp;
    inspection.needs_slot = request.calls_tool;
    inspection.rpc_id = request.id;
    return inspection;
  }
  if (!endpoint.model_request) return inspection;

  inspection.needs_slot = true;
  if (const std::optional<ModelRequest> request = ReadModelRequest(body)) {
    inspection.model = request->model;
    inspection.stream = request->stream;
    inspection.background = request->background;
    if (request->prompt) inspection.kind = Kind::kPrompt;
  }
  return inspection;
}

}  // namespace zbroker::zai
