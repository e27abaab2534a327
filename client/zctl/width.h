// How much room text takes on a terminal: East Asian characters take two columns, combining marks
// none.
#ifndef ZBROKER_CLIENT_ZCTL_WIDTH_H_
#define ZBROKER_CLIENT_ZCTL_WIDTH_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace zbroker::zctl {

// All three: REQUIRES: `text` is UTF-8 without control characters, as EscapeControls gives it.

// The columns it takes.
size_t DisplayWidth(absl::string_view text);

// Shortens to at most `columns` columns, with "…" at the end when something was cut.
std::string FitWidth(absl::string_view text, size_t columns);

// Breaks at spaces into lines of at most `columns` columns. A word that is longer keeps its line to
// itself, uncut. At least one line.
std::vector<std::string> WrapWords(absl::string_view text, size_t columns);

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_WIDTH_H_
