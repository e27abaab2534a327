// For terminals that know no UTF-8.
#ifndef ZBROKER_CLIENT_ZCTL_ASCII_H_
#define ZBROKER_CLIENT_ZCTL_ASCII_H_

#include <string>

#include "absl/strings/string_view.h"

namespace zbroker::zctl {

// The text, as wide as it was, with what our views draw by what looks like it, and other characters
// beyond ASCII as question marks. REQUIRES: `text` is UTF-8; it may have a terminal's codes in it.
std::string ToAscii(absl::string_view text);

// Whether the locale of these variables, of which the first that is set and not empty counts, names
// another charset than UTF-8. None set tells nothing of the terminal.
bool IsOtherCharset(absl::string_view lc_all, absl::string_view lc_ctype, absl::string_view lang);

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_ASCII_H_
