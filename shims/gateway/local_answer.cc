#include "shims/gateway/local_answer.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "shims/gateway/target.h"
#include "shims/zai/encoding.h"
#include "shims/zai/reply.h"

namespace zbroker::gateway {
namespace {

const Header kJson = {"Content-Type", "application/json"};

LocalAnswer Refuse(const zai::Endpoint& endpoint, int status, absl::string_view why,
                   const zai::Inspection& inspection) {
  const std::string message = absl::StrCat("zbroker: ", why);
  return {{status, "", {kJson}},
          zai::ErrorBody(endpoint.protocol,
                         {.http_status = status, .message = message, .rpc_id = inspection.rpc_id})};
}

bool IsProbe(const ClientRequest& request) {
  const absl::string_view path = PathOf(request.below);
  const bool hello = path == "/api/hello";
  if (request.method == "GET") return hello;
  return request.method == "HEAD" && (hello || path.empty() || path == "/");
}

}  // namespace

std::optional<LocalAnswer> AnswerHere(const zai::Endpoint& endpoint,
                                      const zai::Inspection& inspection,
                                      const ClientRequest& request) {
  if (absl::EqualsIgnoreCase(FindHeader(request.headers, "upgrade"), "websocket")) {
    LocalAnswer answer = Refuse(endpoint, 426, "no WebSocket here; ask over HTTP", inspection);
    // Which RFC 9110, 15.5.22 wants to see.
    answer.head.headers.push_back({"Upgrade", "HTTP/1.1"});
    return answer;
  }
  if (IsProbe(request)) return LocalAnswer{{200, "", {kJson}}, "{}"};
  if (endpoint.telemetry) return LocalAnswer{{200, "", {kJson}}, R"({"status":"ok"})"};
  if (inspection.oversized) {
    return Refuse(endpoint, 413,
                  absl::StrCat("the request's body, decoded, has more than ",
                               zai::kDecodedBytesMax / (1024 * 1024), " MiB"),
                  inspection);
  }
  return std::nullopt;
}

}  // namespace zbroker::gateway
