// Changes to a text that leave all the rest of it as it is.
#ifndef ZBROKER_SHIMS_TOOLS_TEXT_EDIT_H_
#define ZBROKER_SHIMS_TOOLS_TEXT_EDIT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace zbroker::tools {

// A part of a text, in bytes.
struct Span {
  size_t begin = 0;
  size_t end = 0;

  absl::string_view Of(absl::string_view text) const { return text.substr(begin, end - begin); }
};

// `text` in place of a span.
struct Replacement {
  Span span;
  std::string text;
};

// REQUIRES: spans of the text that do not overlap. Of two that begin at the same byte, the one that
// comes first in `all` does so in the result too.
std::string Replace(absl::string_view text, std::vector<Replacement> all);

// How long the mark is by which some editors say that a file is UTF-8: 3, or 0 where there is none.
size_t ByteOrderMarkLength(absl::string_view text);

// What ends the first line; "\n" where there is only one.
absl::string_view LineEndOf(absl::string_view text);

// The blanks that the line begins with in which `at` is.
absl::string_view IndentAt(absl::string_view text, size_t at);

// Where the line in which `at` is ends, before what ends it.
size_t EndOfLine(absl::string_view text, size_t at);

}  // namespace zbroker::tools

#endif  // ZBROKER_SHIMS_TOOLS_TEXT_EDIT_H_
