#include "tests/fuzz/mutator.h"

#include <iterator>
#include <utility>

namespace zbroker::fuzz {
namespace {

constexpr size_t kInputBytesMax = 1 << 20;

// What blind changes would hardly find.
constexpr absl::string_view kTokens[] = {
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    "data: ",
    "event: error\n",
    "\"error\":",
    "\"code\":",
    "\"message\":",
    "\"1302\"",
    "1308",
    "-1",
    "null",
    "true",
    "1e999",
    "\\u0000",
    "\\ud800",
    "\xff",
    "\xE6\xA8",
    "\xEF\xBB\xBF",
    "[DONE]",
    "\"choices\":[",
    "\"type\":",
    "\"usage\":",
    "\"role\":\"user\"",
    "\"content\":",
    "MCP error -429: ",
    "2026-09-21 18:55:29",
    "99999999999999999999",
    "+08:00",
    "5 hour",
    "GMT",
};

}  // namespace

Mutator::Mutator(uint32_t seed, std::vector<std::string> corpus)
    : random_(seed), corpus_(std::move(corpus)) {}

std::string Mutator::Next() {
  std::string input = Entry();
  for (size_t changes = 1 + Below(8); changes > 0; --changes) Change(&input);
  if (input.size() > kInputBytesMax) input.resize(kInputBytesMax);
  return input;
}

void Mutator::Change(std::string* input) {
  const size_t at = Below(input->size() + 1);
  const size_t some = Below(1 + std::min<size_t>(input->size() - at, 64));
  switch (Below(9)) {
    case 0:
      if (at < input->size()) (*input)[at] = static_cast<char>((*input)[at] ^ (1 << Below(8)));
      return;
    case 1:
      input->insert(at, 1, static_cast<char>(Below(256)));
      return;
    case 2:
      input->erase(at, some);
      return;
    case 3:
      input->insert(at, std::string(input->substr(at, some)));
      return;
    case 4:
      input->resize(at);
      return;
    case 5: {
      const std::string& other = Entry();
      input->replace(at, some, other, Below(other.size()), Below(other.size()));
      return;
    }
    case 6:
      // Depth, and length: rarely much, since it takes its time.
      input->insert(at, Below(50) == 0 ? Below(400'000) : Below(2000), "[{x\n\""[Below(5)]);
      return;
    default: {
      const absl::string_view token = kTokens[Below(std::size(kTokens))];
      input->insert(at, token.data(), token.size());
    }
  }
}

}  // namespace zbroker::fuzz
