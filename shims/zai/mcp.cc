#include "shims/zai/mcp.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/base/text.h"
#include "shims/zai/json_reader.h"
#include "shims/zai/json_text.h"
#include "shims/zai/printable.h"

namespace zbroker::zai {
namespace {

constexpr absl::string_view kMcpError = "MCP error ";

std::string IdOf(const json_reader::Element& message) {
  const std::optional<json_reader::Element> id = json_reader::Member(message, "id");
  if (!id) return "null";
  if (const std::optional<int64_t> number = json_reader::Integer(*id)) return absl::StrCat(*number);
  const std::optional<absl::string_view> text = json_reader::Text(*id);
  if (!text) return "null";
  std::string quoted = JsonString(*text);
  return quoted.size() <= kNameBytesMax ? quoted : "null";
}

void ReadMessage(const json_reader::Element& message, McpRequest* request) {
  if (json_reader::TextMember(message, "method") == "tools/call") request->calls_tool = true;
  if (request->id == "null") request->id = IdOf(message);
}

}  // namespace

McpRequest ReadMcpRequest(absl::string_view body) {
  McpRequest request;
  json_reader::Parser parser;
  const std::optional<json_reader::Element> document = parser.Parse(body);
  if (!document) return request;
  request.calls_tool = false;
  simdjson::dom::array batch;
  if (document->get_array().get(batch) == simdjson::SUCCESS) {
    for (const json_reader::Element message : batch) ReadMessage(message, &request);
  } else {
    ReadMessage(*document, &request);
  }
  return request;
}

std::string ToolName(absl::string_view path, absl::string_view tool) {
  constexpr absl::string_view kServers = "/api/mcp/";
  const size_t at = path.find(kServers);
  if (at == absl::string_view::npos) return std::string(tool);
  absl::string_view server = path.substr(at + kServers.size());
  server = server.substr(0, server.find('/'));
  const bool tells = absl::StartsWith(server, "web_search") || server == "web_reader";
  if (tells || server.empty()) return std::string(tool);
  return Printable(absl::StrCat(server, "/", tool), kNameBytesMax);
}

std::optional<McpErrorText> ParseMcpErrorText(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  McpErrorText error;
  absl::ConsumePrefix(&text, "Error: ");
  if (!absl::StartsWithIgnoreCase(text, kMcpError)) return std::nullopt;
  text.remove_prefix(kMcpError.size());
  const size_t colon = text.find(':');
  if (colon == absl::string_view::npos) return std::nullopt;
  if (!absl::SimpleAtoi(text.substr(0, colon), &error.code)) return std::nullopt;
  error.inner = absl::StripAsciiWhitespace(text.substr(colon + 1));
  return error;
}

}  // namespace zbroker::zai
