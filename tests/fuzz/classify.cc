#include "shims/zai/classify.h"

#include <iterator>

#include "absl/strings/str_cat.h"
#include "shims/zai/json_text.h"
#include "shims/zai/usage.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/targets.h"

namespace zbroker::fuzz {
namespace {

constexpr int kStatuses[] = {200, 400, 401, 408, 429, 500, 529, 304, 0, -1};

bool IsClean(const zai::Endpoint& endpoint, const std::string& body) {
  const zai::Verdict verdict = zai::ClassifyResponse(endpoint, {200, zai::NoHeaders, body}, kNow);
  return verdict.signal == zai::Signal::kNone;
}

std::string CheckCompletions(const zai::Endpoint& endpoint, absl::string_view text) {
  const std::string quoted = zai::JsonString(text);
  if (!IsClean(endpoint, absl::StrCat(R"({"type":"message","content":[{"type":"text","text":)",
                                      quoted, R"(}],"stop_reason":"end_turn"})"))) {
    return "an error in the content of a message";
  }
  if (!IsClean(endpoint,
               absl::StrCat(R"({"choices":[{"finish_reason":"stop","message":{"content":)", quoted,
                            R"(,"reasoning_content":)", quoted, "}}]}"))) {
    return "an error in a choice";
  }
  if (!IsClean(endpoint, absl::StrCat(R"({"jsonrpc":"2.0","id":1,"result":{"content":[{"text":)",
                                      quoted, R"(}],"isError":false}})"))) {
    return "an error in a tool's result";
  }
  return "";
}

}  // namespace

std::string FuzzClassify(absl::string_view input) {
  const zai::Endpoint endpoint = TakeEndpoint(&input);
  const int status = kStatuses[TakeByte(&input) % std::size(kStatuses)];
  const auto headers = [&](absl::string_view) { return input; };
  for (const bool with_headers : {false, true}) {
    const zai::HeaderLookup lookup = with_headers ? zai::HeaderLookup(headers) : zai::NoHeaders;
    const zai::Verdict verdict = zai::ClassifyResponse(endpoint, {status, lookup, input}, kNow);
    if (const std::string mistake = Mistake(verdict); !mistake.empty()) return mistake;
    if (status >= 400 && verdict.signal == zai::Signal::kNone) return "a refusal that is no error";
  }
  const zai::Usage usage = zai::ReadServed(endpoint, input).usage;
  if (usage.input < 0 || usage.cached < 0 || usage.output < 0) return "negative usage";
  return CheckCompletions(endpoint, input);
}

}  // namespace zbroker::fuzz
