#include "shims/zai/endpoint.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace zbroker::zai {
namespace {

// How a path ends. The first row that fits decides.
struct Ending {
  absl::string_view text;
  Protocol protocol;
  bool free;  // costs no slot even when posted
};

constexpr Ending kEndings[] = {
    {"/messages/count_tokens", Protocol::kAnthropic, true},
    {"/messages", Protocol::kAnthropic, false},
    {"/chat/completions", Protocol::kOpenAi, false},
    {"/completions", Protocol::kOpenAi, false},
    {"/responses", Protocol::kOpenAi, false},
    {"/embeddings", Protocol::kOpenAi, false},
};

// What a path has in it, for those whose end says nothing.
struct Part {
  absl::string_view text;
  Protocol protocol;
};

constexpr Part kParts[] = {
    {"/anthropic/", Protocol::kAnthropic},
    {"/paas/", Protocol::kOpenAi},
};

// Where the provider's services begin, by its documentation; all on one host.
constexpr absl::string_view kServices[] = {"/api/anthropic", "/api/coding/paas", "/api/paas",
                                           "/api/mcp", "/api/monitor"};

const Ending* FindEnding(absl::string_view path) {
  for (const Ending& row : kEndings) {
    if (absl::EndsWith(path, row.text)) return &row;
  }
  return nullptr;
}

// "/message" is where clients of the old form of MCP over SSE post to.
bool IsMcp(absl::string_view path) {
  return absl::StrContains(path, "/api/mcp/") || absl::EndsWith(path, "/mcp") ||
         absl::EndsWith(path, "/message");
}

Protocol ProtocolOfParts(absl::string_view path) {
  const std::string closed = absl::StrCat(path, "/");
  for (const Part& row : kParts) {
    if (absl::StrContains(closed, row.text)) return row.protocol;
  }
  return Protocol::kNone;
}

}  // namespace

bool IsServicePath(absl::string_view path) {
  for (const absl::string_view service : kServices) {
    absl::string_view rest = path;
    if (absl::ConsumePrefix(&rest, service) && (rest.empty() || rest[0] == '/')) return true;
  }
  return false;
}

Endpoint FindEndpoint(absl::string_view method, absl::string_view path) {
  while (absl::ConsumeSuffix(&path, "/")) {
  }
  const bool posted = method == "POST";
  Endpoint endpoint;
  if (IsMcp(path)) {
    endpoint.protocol = Protocol::kMcp;
    endpoint.mcp = posted;
    return endpoint;
  }
  const Ending* ending = FindEnding(path);
  endpoint.protocol = ending != nullptr ? ending->protocol : ProtocolOfParts(path);
  endpoint.model_request = posted && (ending == nullptr || !ending->free);
  return endpoint;
}

}  // namespace zbroker::zai
