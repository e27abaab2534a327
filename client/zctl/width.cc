#include "client/zctl/width.h"

#include <locale.h>
#include <wchar.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/base/text.h"

namespace zbroker::zctl {
namespace {

// Makes the C library take text for UTF-8 in this thread, whatever LANG says: that is what the
// broker's strings are, and a cron job's LANG=C tells nothing of the terminal.
class ScopedUtf8Locale {
 public:
  ScopedUtf8Locale() {
    static const locale_t utf8 = [] {
      const locale_t neutral = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
      return neutral != nullptr ? neutral : newlocale(LC_CTYPE_MASK, "en_US.UTF-8", nullptr);
    }();
    if (utf8 != nullptr) previous_ = uselocale(utf8);
  }
  ~ScopedUtf8Locale() {
    if (previous_ != nullptr) uselocale(previous_);
  }
  ScopedUtf8Locale(const ScopedUtf8Locale&) = delete;
  ScopedUtf8Locale& operator=(const ScopedUtf8Locale&) = delete;

 private:
  locale_t previous_ = nullptr;
};

bool IsAscii(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
}

}  // namespace

size_t DisplayWidth(absl::string_view text) {
  if (IsAscii(text)) return text.size();
  const ScopedUtf8Locale locale;
  mbstate_t state{};
  size_t width = 0;
  while (!text.empty()) {
    wchar_t character = 0;
    const size_t length = mbrtowc(&character, text.data(), text.size(), &state);
    if (length == 0 || length > text.size()) return width + text.size();  // not a UTF-8 locale
    const int columns = wcwidth(character);
    // Negative for characters newer than the C library, most of which take one column.
    width += columns < 0 ? 1 : static_cast<size_t>(columns);
    text.remove_prefix(length);
  }
  return width;
}

std::string FitWidth(absl::string_view text, size_t columns) {
  if (DisplayWidth(text) <= columns) return std::string(text);
  for (size_t characters = columns; characters > 0; --characters) {
    std::string cut = Ellipsize(text, characters);
    if (DisplayWidth(cut) <= columns) return cut;
  }
  return "";
}

std::vector<std::string> WrapWords(absl::string_view text, size_t columns) {
  std::vector<std::string> lines = {""};
  for (const absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    std::string& line = lines.back();
    if (line.empty()) {
      line = std::string(word);
    } else if (DisplayWidth(line) + 1 + DisplayWidth(word) <= columns) {
      absl::StrAppend(&line, " ", word);
    } else {
      lines.emplace_back(word);
    }
  }
  return lines;
}

}  // namespace zbroker::zctl
