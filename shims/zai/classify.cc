#include "shims/zai/classify.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "shims/zai/content.h"
#include "shims/zai/error_facts.h"
#include "shims/zai/judge.h"
#include "shims/zai/look.h"
#include "shims/zai/sse.h"
#include "shims/zai/usage_figures.h"

namespace zbroker::zai {
namespace {

bool IsEventStream(const Response& response) {
  if (absl::StartsWithIgnoreCase(response.headers("content-type"), "text/event-stream"))
    return true;
  return LookOf(response.body) == Look::kEvents;
}

// The first error of a stream that was read to its end.
std::optional<ErrorFacts> FindInEvents(absl::string_view body, const Endpoint& endpoint) {
  std::optional<ErrorFacts> facts;
  json_reader::Parser parser;
  EventReader reader;
  const auto look = [&](const Event& event) {
    if (!facts) facts = FindEventError(endpoint.protocol, event, parser.Parse(event.data));
  };
  reader.Feed(body, look);
  reader.Finish(look);
  return facts;
}

}  // namespace

bool IsEmptyAnswer(const Endpoint& endpoint, absl::string_view body) {
  if (!endpoint.model_request) return false;
  if (absl::StripAsciiWhitespace(body).empty()) return true;
  json_reader::Parser parser;
  const std::optional<json_reader::Element> document = parser.Parse(body);
  if (!document) return false;
  if (IsHollow(*document)) return true;
  const bool completion = json_reader::Member(*document, "choices") ||
                          json_reader::Member(*document, "content") ||
                          json_reader::Member(*document, "output");
  if (!completion || HasContent(endpoint.protocol, *document)) return false;
  Served served;
  MergeServed(*document, &served);
  return served.usage.output == 0;
}

Verdict ClassifyResponse(const Endpoint& endpoint, const Response& response, absl::Time now) {
  const bool refused = response.status >= 400;
  std::optional<ErrorFacts> facts;
  json_reader::Parser parser;
  if (const std::optional<json_reader::Element> document = parser.Parse(response.body)) {
    facts = FindAnswerError(endpoint.protocol, *document, refused);
  } else if (IsEventStream(response)) {
    facts = FindInEvents(response.body, endpoint);
  } else if (refused) {
    facts = ReadErrorText(response.body);
  }
  if (!facts && !refused) return {};
  return Judge(facts.value_or(ErrorFacts()), {endpoint, response.status, response.headers, now});
}

}  // namespace zbroker::zai
