#include "shims/zai/usage.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "client/base/bounds.h"
#include "client/base/text.h"
#include "shims/zai/printable.h"
#include "shims/zai/usage_figures.h"

namespace zbroker::zai {
namespace {

int64_t Figure(const json_reader::Element& object, absl::string_view name) {
  const std::optional<json_reader::Element> member = json_reader::Member(object, name);
  if (!member) return 0;
  int64_t figure = json_reader::Integer(*member).value_or(0);
  if (const auto text = json_reader::Text(*member); text && !absl::SimpleAtoi(*text, &figure)) {
    figure = 0;
  }
  return std::clamp<int64_t>(figure, 0, kTokensMax);
}

// OpenAI counts cached tokens in `prompt_tokens`.
Usage ReadOpenAi(const json_reader::Element& figures) {
  Usage usage;
  if (const auto details = json_reader::Member(figures, "prompt_tokens_details")) {
    usage.cached = Figure(*details, "cached_tokens");
  }
  const int64_t prompt = Figure(figures, "prompt_tokens");
  usage.cached = std::min(usage.cached, prompt);
  usage.input = prompt - usage.cached;
  usage.output = Figure(figures, "completion_tokens");
  return usage;
}

// Responses counts them in `input_tokens`, and says so.
Usage ReadResponses(const json_reader::Element& figures, const json_reader::Element& details) {
  Usage usage;
  const int64_t input = Figure(figures, "input_tokens");
  usage.cached = std::min(Figure(details, "cached_tokens"), input);
  usage.input = input - usage.cached;
  usage.output = Figure(figures, "output_tokens");
  return usage;
}

// Anthropic counts what it reads from the cache, and what it writes to it, apart.
Usage ReadAnthropic(const json_reader::Element& figures) {
  Usage usage;
  usage.cached = Figure(figures, "cache_read_input_tokens");
  usage.input = std::min(
      kTokensMax, Figure(figures, "input_tokens") + Figure(figures, "cache_creation_input_tokens"));
  usage.output = Figure(figures, "output_tokens");
  return usage;
}

void Replace(int64_t later, int64_t* figure) {
  if (later != 0) *figure = later;
}

Usage ReadFigures(const json_reader::Element& figures) {
  if (json_reader::Member(figures, "prompt_tokens")) return ReadOpenAi(figures);
  const std::optional<json_reader::Element> details =
      json_reader::Member(figures, "input_tokens_details");
  return details ? ReadResponses(figures, *details) : ReadAnthropic(figures);
}

void MergeFrom(const json_reader::Element& object, Served* served) {
  if (served->model.empty()) {
    served->model = Printable(json_reader::TextMember(object, "model"), kNameBytesMax);
  }
  const std::optional<json_reader::Element> figures = json_reader::Member(object, "usage");
  if (!figures) return;
  const Usage later = ReadFigures(*figures);
  Usage& usage = served->usage;
  Replace(later.input, &usage.input);
  Replace(later.cached, &usage.cached);
  Replace(later.output, &usage.output);
  usage.reported = usage.input > 0 || usage.cached > 0 || usage.output > 0;
}

}  // namespace

void MergeServed(const json_reader::Element& document, Served* served) {
  MergeFrom(document, served);
  for (const char* name : {"message", "response"}) {
    if (const auto inner = json_reader::Member(document, name)) MergeFrom(*inner, served);
  }
}

Served ReadServed(const Endpoint& endpoint, absl::string_view json_body) {
  Served served;
  if (!endpoint.model_request) return served;
  json_reader::Parser parser;
  if (const auto document = parser.Parse(json_body)) MergeServed(*document, &served);
  return served;
}

}  // namespace zbroker::zai
