#include "shims/zai/request.h"

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "client/base/text.h"
#include "shims/zai/background.h"
#include "shims/zai/encoding.h"
#include "shims/zai/look.h"
#include "shims/zai/mcp.h"
#include "shims/zai/model_request.h"
#include "shims/zai/printable.h"

namespace zbroker::zai {
namespace {

// The first that is present names the session.
constexpr absl::string_view kSessionHeaders[] = {
    "x-claude-code-session-id",  // Claude Code
    "x-session-id",              // OpenCode, Kilo
    "session-id",                // Codex: one for a task and the agents it starts
    "session_id",                // Codex until 2025
    "thread-id",                 // Codex
    "x-session-affinity",        // OpenCode
};

// Kilo makes a title in a session of its own, named after the one that the title is for.
std::string FindSession(HeaderLookup headers) {
  for (const absl::string_view name : kSessionHeaders) {
    absl::string_view value = headers(name);
    if (absl::StartsWith(value, "title-ses_")) absl::ConsumePrefix(&value, "title-");
    std::string session = Printable(value, kNameBytesMax);
    if (!session.empty()) return session;
  }
  return "";
}

// The body as it reads; in `decoded` if it had to be decoded.
absl::string_view Decoded(HeaderLookup headers, absl::string_view body, std::string* decoded,
                          bool* oversized) {
  absl::string_view encoding = headers("content-encoding");
  if (!IsEncoded(encoding)) encoding = EncodingOfBytes(body);
  absl::ConsumePrefix(&body, kByteOrderMark);
  if (encoding.empty()) return body;
  absl::StatusOr<std::string> plain = DecodeBody(encoding, body, kDecodedBytesMax);
  *oversized = absl::IsResourceExhausted(plain.status());
  if (!plain.ok()) return {};
  *decoded = *std::move(plain);
  body = *decoded;
  absl::ConsumePrefix(&body, kByteOrderMark);
  return body;
}

void InspectModelRequest(const Endpoint& endpoint, HeaderLookup headers, absl::string_view body,
                         Inspection* inspection) {
  // A path that says nothing, and nothing that a model could work on.
  if (endpoint.unknown && body.empty()) return;
  inspection->needs_slot = true;
  const std::optional<ModelRequest> request = ReadModelRequest(endpoint.protocol, body);
  if (!request) return;
  inspection->needs_slot = !endpoint.unknown || !request->model.empty();
  inspection->model = request->model;
  inspection->stream = request->stream;
  const Purpose purpose = PurposeOf(headers);
  inspection->background = request->background || purpose == Purpose::kBackground;
  const bool prompt = request->prompt && !inspection->background && purpose == Purpose::kUnsaid;
  if (prompt) inspection->kind = Kind::kPrompt;
}

}  // namespace

Inspection InspectRequest(const Endpoint& endpoint, HeaderLookup headers, absl::string_view body) {
  Inspection inspection;
  inspection.session = FindSession(headers);
  // OpenCode and Kilo: of agents that an agent has started.
  inspection.parent_session = Printable(headers("x-parent-session-id"), kNameBytesMax);
  if (!endpoint.mcp && !endpoint.model_request) return inspection;
  std::string decoded;
  body = Decoded(headers, body, &decoded, &inspection.oversized);
  if (endpoint.mcp) {
    const McpRequest request = ReadMcpRequest(body);
    inspection.kind = Kind::kMcp;
    inspection.needs_slot = request.calls_tool;
    inspection.rpc_id = request.id;
  } else {
    InspectModelRequest(endpoint, headers, body, &inspection);
  }
  return inspection;
}

absl::string_view PlainBody(HeaderLookup headers, absl::string_view body, std::string* decoded) {
  bool oversized = false;
  return Decoded(headers, body, decoded, &oversized);
}

uint64_t FingerprintRequest(const Endpoint& endpoint, HeaderLookup headers,
                            absl::string_view body) {
  if (!endpoint.model_request) return 0;
  std::string decoded;
  bool oversized = false;
  body = Decoded(headers, body, &decoded, &oversized);
  const std::optional<ModelRequest> request =
      ReadModelRequest(endpoint.protocol, body, /*fingerprint=*/true);
  return request ? request->fingerprint : 0;
}

}  // namespace zbroker::zai
