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

// Whether JSON, be it well-formed or not, is closed again as often as it is opened.
bool IsClosed(absl::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (size_t at = 0; at < text.size(); ++at) {
    if (quoted && text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      quoted = !quoted;
    } else if (!quoted) {
      depth += text[at] == '{' || text[at] == '[' ? 1 : 0;
      depth -= text[at] == '}' || text[at] == ']' ? 1 : 0;
    }
  }
  return depth <= 0 && !quoted;
}

Flaw FlawOfText(const Endpoint& endpoint, absl::string_view body) {
  // What is whole and still can't be read, for a byte that is not UTF-8, the client may read.
  if (LookOf(body) == Look::kDocument) return IsClosed(body) ? Flaw::kNone : Flaw::kCut;
  return endpoint.unknown ? Flaw::kNone : Flaw::kForeign;
}

// Answers of a model that are no completions: embeddings, a message of which only the figures came,
// a response that is still at work.
bool IsOther(const json_reader::Element& document) {
  for (const char* name : {"data", "usage", "object", "completion"}) {
    if (json_reader::Member(document, name)) return true;
  }
  return json_reader::TextMember(document, "type") == "message";
}

}  // namespace

Flaw FlawOf(const Endpoint& endpoint, absl::string_view body) {
  if (!endpoint.model_request) return Flaw::kNone;
  if (absl::StripAsciiWhitespace(body).empty()) return Flaw::kEmpty;
  json_reader::Parser parser;
  const std::optional<json_reader::Element> document = parser.Parse(body);
  if (!document) return FlawOfText(endpoint, body);
  if (IsHollow(*document)) return Flaw::kEmpty;
  const bool completion = json_reader::Member(*document, "choices") ||
                          json_reader::Member(*document, "content") ||
                          json_reader::Member(*document, "output");
  if (!completion) return endpoint.unknown || IsOther(*document) ? Flaw::kNone : Flaw::kForeign;
  if (HasContent(endpoint.protocol, *document)) return Flaw::kNone;
  Served served;
  MergeServed(*document, &served);
  return served.usage.output == 0 ? Flaw::kEmpty : Flaw::kNone;
}

Verdict ClassifyResponse(const Endpoint& endpoint, const Response& response, absl::Time now) {
  const bool refused = response.status >= 400;
  std::optional<ErrorFacts> facts;
  json_reader::Parser parser;
  if (const std::optional<json_reader::Element> document = parser.Parse(response.body)) {
    const bool named = json_reader::TextMember(*document, "type") == "error";
    facts = FindAnswerError(endpoint.protocol, *document, refused || named);
  } else if (IsEventStream(response)) {
    facts = FindInEvents(response.body, endpoint);
  } else if (refused) {
    facts = ReadErrorText(response.body);
  }
  if (!facts && !refused) return {};
  return Judge(facts.value_or(ErrorFacts()), {endpoint, response.status, response.headers, now});
}

}  // namespace zbroker::zai
