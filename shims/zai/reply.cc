#include "shims/zai/reply.h"

#include "absl/strings/str_cat.h"
#include "shims/zai/error_table.h"
#include "shims/zai/json_text.h"

namespace zbroker::zai {
namespace {

// `,"name":"value"`; nothing if the value is empty.
std::string Further(absl::string_view name, absl::string_view value) {
  if (value.empty()) return "";
  return absl::StrCat(",\"", name, "\":", JsonString(value));
}

std::string AnthropicBody(const ErrorReply& reply) {
  return absl::StrCat(
      "{\"type\":\"error\",\"error\":{\"type\":", JsonString(ErrorTypeOfStatus(reply.http_status)),
      Further("code", reply.code), ",\"message\":", JsonString(reply.message), "}",
      Further("request_id", reply.request_id), "}");
}

std::string OpenAiBody(const ErrorReply& reply) {
  return absl::StrCat("{\"error\":{\"message\":", JsonString(reply.message),
                      ",\"type\":", JsonString(ErrorTypeOfStatus(reply.http_status)),
                      Further("code", reply.code), "}", Further("request_id", reply.request_id),
                      "}");
}

// Codex takes `usage_limit_reached` alone for a limit that its user is to hear of.
std::string ResponsesBody(const ErrorReply& reply) {
  const absl::string_view type =
      reply.used_up ? "usage_limit_reached" : ErrorTypeOfStatus(reply.http_status);
  const std::string reset =
      reply.resets_at ? absl::StrCat(",\"resets_at\":", absl::ToUnixSeconds(*reply.resets_at)) : "";
  return absl::StrCat("{\"error\":{\"message\":", JsonString(reply.message),
                      ",\"type\":", JsonString(type), Further("code", reply.code),
                      ",\"param\":null", reset, "}", Further("request_id", reply.request_id), "}");
}

// A stream that can't go on ends with the response that it was to be.
std::string ResponsesEvent(const ErrorReply& reply) {
  const absl::string_view code = !reply.code.empty()        ? reply.code
                                 : reply.http_status == 429 ? "rate_limit_exceeded"
                                                            : "server_error";
  return absl::StrCat(
      "event: response.failed\ndata: {\"type\":\"response.failed\",\"sequence_number\":0,"
      "\"response\":{\"id\":\"resp_zbroker\",\"object\":\"response\",\"status\":\"failed\","
      "\"output\":[],\"error\":{\"code\":",
      JsonString(code), ",\"message\":", JsonString(reply.message), "}}}\n\n");
}

// The number is what the upstream's own MCP errors have: the HTTP status, negative.
std::string McpBody(const ErrorReply& reply) {
  const std::string data =
      reply.code.empty() ? "" : absl::StrCat(",\"data\":{\"code\":", JsonString(reply.code), "}");
  return absl::StrCat("{\"jsonrpc\":\"2.0\",\"id\":", reply.rpc_id,
                      ",\"error\":{\"code\":", -reply.http_status,
                      ",\"message\":", JsonString(reply.message), data, "}}");
}

}  // namespace

std::string ErrorBody(Protocol protocol, const ErrorReply& reply) {
  switch (protocol) {
    case Protocol::kAnthropic:
      return AnthropicBody(reply);
    case Protocol::kMcp:
      return McpBody(reply);
    case Protocol::kResponses:
      return ResponsesBody(reply);
    case Protocol::kOpenAi:
    case Protocol::kNone:
      break;
  }
  return OpenAiBody(reply);
}

std::string ErrorEvent(Protocol protocol, const ErrorReply& reply) {
  if (protocol == Protocol::kResponses) return ResponsesEvent(reply);
  const absl::string_view name = protocol == Protocol::kAnthropic ? "event: error\n"
                                 : protocol == Protocol::kMcp     ? "event: message\n"
                                                                  : "";
  return absl::StrCat(name, "data: ", ErrorBody(protocol, reply), "\n\n");
}

std::string PingEvent(Protocol protocol) {
  // Comments are the only thing that clients of the others are known to pass over.
  if (protocol != Protocol::kAnthropic) return ": ping\n\n";
  return "event: ping\ndata: {\"type\":\"ping\"}\n\n";
}

}  // namespace zbroker::zai
