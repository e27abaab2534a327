#include "shims/zai/usage.h"

#include <algorithm>

#include "client/base/bounds.h"
#include "shims/zai/usage_figures.h"

namespace zbroker::zai {
namespace {

int64_t Figure(const json::Element& object, absl::string_view name) {
  const std::optional<json::Element> member = json::Member(object, name);
  if (!member) return 0;
  return std::clamp<int64_t>(json::Integer(*member).value_or(0), 0, kTokensMax);
}

// OpenAI counts cached tokens in `prompt_tokens`.
Usage ReadOpenAi(const json::Element& figures) {
  Usage usage;
  if (const auto details = json::Member(figures, "prompt_tokens_details")) {
    usage.cached = Figure(*details, "cached_tokens");
  }
  const int64_t prompt = Figure(figures, "prompt_tokens");
  usage.cached = std::min(usage.cached, prompt);
  usage.input = prompt - usage.cached;
  usage.output = Figure(figures, "completion_tokens");
  return usage;
}

// Anthropic counts what it reads from the cache, and what it writes to it, apart.
Usage ReadAnthropic(const json::Element& figures) {
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

}  // namespace

void MergeUsage(const json::Element& document, Usage* usage) {
  std::optional<json::Element> figures = json::Member(document, "usage");
  if (!figures) {
    const std::optional<json::Element> message = json::Member(document, "message");
    if (message) figures = json::Member(*message, "usage");
  }
  if (!figures) return;
  const bool openai = json::Member(*figures, "prompt_tokens").has_value();
  const Usage later = openai ? ReadOpenAi(*figures) : ReadAnthropic(*figures);
  Replace(later.input, &usage->input);
  Replace(later.cached, &usage->cached);
  Replace(later.output, &usage->output);
  usage->reported = usage->input > 0 || usage->cached > 0 || usage->output > 0;
}

Usage ReadUsage(const Endpoint& endpoint, absl::string_view json_body) {
  Usage usage;
  if (!endpoint.model_request) return usage;
  json::Parser parser;
  if (const auto document = parser.Parse(json_body)) MergeUsage(*document, &usage);
  return usage;
}

}  // namespace zbroker::zai
