// Text from a request or an answer, made fit for the daemon, a log and a terminal.
#ifndef ZBROKER_SHIMS_ZAI_PRINTABLE_H_
#define ZBROKER_SHIMS_ZAI_PRINTABLE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace zbroker::zai {

// The longest prefix of at most `bytes_max` bytes that does not end inside a UTF-8 sequence. Says
// nothing about bytes that are not UTF-8.
absl::string_view CutUtf8(absl::string_view text, size_t bytes_max);

// Valid UTF-8 without control characters, at most `bytes_max` long, without white space at its
// ends: tabs and line ends become spaces, other controls and stray bytes \xNN, the rest is cut off.
std::string Printable(absl::string_view text, size_t bytes_max);

}  // namespace zbroker::zai

#endif  // ZBROKER_SHIMS_ZAI_PRINTABLE_H_
