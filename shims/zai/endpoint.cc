#include "shims/zai/endpoint.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
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
    {"/responses/input_tokens", Protocol::kResponses, true},
    {"/responses/compact", Protocol::kResponses, false},
    {"/responses", Protocol::kResponses, false},
    {"/embeddings", Protocol::kOpenAi, false},
    {"/tokenizer", Protocol::kOpenAi, true},
    {"/api/hello", Protocol::kAnthropic, true},
};

// What a path has in it, for those whose end says nothing.
struct Part {
  absl::string_view text;
  Protocol protocol;
};

constexpr Part kParts[] = {
    {"/anthropic/", Protocol::kAnthropic},
    {"/paas/", Protocol::kOpenAi},
    {"/responses/", Protocol::kResponses},
};

// Of a segment of a path, as in "event_logging", "analytics-events". Claude Code, Codex and their
// libraries (Statsig, Sentry, OpenTelemetry) have these.
constexpr absl::string_view kTelemetryWords[] = {"telemetry", "logging", "analytics", "metrics",
                                                 "statsig",   "rgstr",   "sentry",    "otlp"};
// Whole ends of paths whose words alone would say too little.
constexpr absl::string_view kTelemetryEndings[] = {"/v1/traces", "/v1/logs", "/log_event",
                                                   "/claude_cli_feedback"};

// Where the provider's services begin, by its documentation and the tools that use them; all on one
// host.
constexpr absl::string_view kServices[] = {"/api/anthropic", "/api/coding/paas", "/api/paas",
                                           "/api/v1",        "/api/mcp",         "/api/monitor",
                                           "/api/biz"};

constexpr absl::string_view kOrigins[] = {"https://api.z.ai", "https://open.bigmodel.cn"};
constexpr absl::string_view kTellingServices[] = {"/api/anthropic", "/api/coding/paas",
                                                  "/api/paas"};
constexpr absl::string_view kGeneralService = "/api/paas";

const Ending* FindEnding(absl::string_view path) {
  for (const Ending& row : kEndings) {
    if (absl::EndsWith(path, row.text)) return &row;
  }
  return nullptr;
}

// "/message" is where clients of the old form of MCP over SSE post to, and "/v1/message" a slip of
// the pen.
bool IsMcp(absl::string_view path) {
  return absl::StrContains(path, "/api/mcp/") || absl::EndsWith(path, "/mcp") ||
         (absl::EndsWith(path, "/message") && !absl::EndsWith(path, "/v1/message"));
}

bool IsTelemetry(absl::string_view path) {
  const std::string lower = absl::AsciiStrToLower(path);
  for (const absl::string_view ending : kTelemetryEndings) {
    if (absl::EndsWith(lower, ending)) return true;
  }
  for (const absl::string_view word : absl::StrSplit(lower, absl::ByAnyChar("/_-."))) {
    if (std::find(std::begin(kTelemetryWords), std::end(kTelemetryWords), word) !=
        std::end(kTelemetryWords)) {
      return true;
    }
  }
  return false;
}

Protocol ProtocolOfParts(absl::string_view path) {
  const std::string closed = absl::StrCat(path, "/");
  for (const Part& row : kParts) {
    if (absl::StrContains(closed, row.text)) return row.protocol;
  }
  return Protocol::kNone;
}

// "//api//x/" is "/api/x": base URLs end with a slash or don't, paths begin with one or don't.
std::string SingleSlashes(absl::string_view path) {
  return absl::StrCat("/", absl::StrJoin(absl::StrSplit(path, '/', absl::SkipEmpty()), "/"));
}

bool IsBelow(absl::string_view path, absl::string_view service) {
  return absl::ConsumePrefix(&path, service) && (path.empty() || path[0] == '/');
}

}  // namespace

bool IsProviderOrigin(absl::string_view origin) {
  return std::ranges::find(kOrigins, origin) != std::end(kOrigins);
}

bool IsServicePath(absl::string_view path) {
  const std::string single = SingleSlashes(path);
  return std::ranges::any_of(kServices,
                             [&](absl::string_view service) { return IsBelow(single, service); });
}

bool IsTellingPath(absl::string_view path) {
  const std::string single = SingleSlashes(path);
  return std::ranges::any_of(kTellingServices,
                             [&](absl::string_view service) { return IsBelow(single, service); });
}

bool IsGeneralPath(absl::string_view path) { return IsBelow(SingleSlashes(path), kGeneralService); }

Endpoint FindEndpoint(absl::string_view method, absl::string_view path) {
  const std::string single = SingleSlashes(path);
  const bool posted = method == "POST";
  Endpoint endpoint;
  if (IsMcp(single)) {
    endpoint.protocol = Protocol::kMcp;
    endpoint.mcp = posted;
    return endpoint;
  }
  if (const Ending* ending = FindEnding(single)) {
    endpoint.protocol = ending->protocol;
    endpoint.model_request = posted && !ending->free;
    return endpoint;
  }
  endpoint.protocol = ProtocolOfParts(single);
  endpoint.telemetry = (posted || method == "PUT") && IsTelemetry(single);
  endpoint.unknown = posted && !endpoint.telemetry;
  endpoint.model_request = endpoint.unknown;
  return endpoint;
}

}  // namespace zbroker::zai
