#include "shims/zai/printable.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"
#include "client/base/text.h"

namespace zbroker::zai {

absl::string_view CutUtf8(absl::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  size_t end = bytes_max;
  const auto continues = [&](size_t at) { return (static_cast<uint8_t>(text[at]) & 0xC0) == 0x80; };
  // Four bytes is the longest sequence; what goes on for longer is not UTF-8.
  for (int back = 0; back < 3 && end > 0 && continues(end); ++back) --end;
  return text.substr(0, continues(end) ? bytes_max : end);
}

std::string Printable(absl::string_view text, size_t bytes_max) {
  text = absl::StripLeadingAsciiWhitespace(text);
  std::string spaced(CutUtf8(text, bytes_max));
  std::replace_if(
      spaced.begin(), spaced.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; },
      ' ');
  const std::string escaped = EscapeControls(spaced);
  return std::string(absl::StripTrailingAsciiWhitespace(CutUtf8(escaped, bytes_max)));
}

}  // namespace zbroker::zai
