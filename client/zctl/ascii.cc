#include "client/zctl/ascii.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "client/zctl/width.h"

namespace zbroker::zctl {
namespace {

struct Likeness {
  absl::string_view drawn;
  char ascii;
};
// All that our own views draw; each takes one column.
constexpr Likeness kLikenesses[] = {{"█", '#'}, {"░", '.'}, {"·", '-'},
                                    {"…", '>'}, {"└", '`'}, {"×", 'x'}};

// The bytes of the character that the text begins with.
size_t LengthOfFirst(absl::string_view text) {
  size_t length = 1;
  while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) {
    ++length;
  }
  return length;
}

}  // namespace

std::string ToAscii(absl::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const absl::string_view character = text.substr(0, LengthOfFirst(text));
    const auto* const found = std::ranges::find(kLikenesses, character, &Likeness::drawn);
    if (character.size() == 1 && (character[0] & 0x80) == 0) {
      out.push_back(character[0]);
    } else if (found != std::end(kLikenesses)) {
      out.push_back(found->ascii);
    } else {
      out.append(DisplayWidth(character), '?');
    }
    text.remove_prefix(character.size());
  }
  return out;
}

bool IsOtherCharset(absl::string_view lc_all, absl::string_view lc_ctype, absl::string_view lang) {
  for (const absl::string_view one : {lc_all, lc_ctype, lang}) {
    if (one.empty()) continue;
    const std::string name = absl::AsciiStrToLower(one);
    return !absl::StrContains(name, "utf-8") && !absl::StrContains(name, "utf8");
  }
  return false;
}

}  // namespace zbroker::zctl
