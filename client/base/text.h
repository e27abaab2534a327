// Strings that come from outside.
#ifndef ZBROKER_CLIENT_BASE_TEXT_H_
#define ZBROKER_CLIENT_BASE_TEXT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace zbroker {

inline constexpr size_t kNameBytesMax = 256;

bool IsValidUtf8(absl::string_view text);

// Checks that `value` is UTF-8 without control characters and at most `bytes_max` long. Errors:
// INVALID_ARGUMENT, naming `what`. The empty string is fine.
absl::Status CheckName(absl::string_view what, absl::string_view value,
                       size_t bytes_max = kNameBytesMax);

// The text with control characters and bytes that are not UTF-8 as \xNN: safe for a terminal and a
// log.
std::string EscapeControls(absl::string_view text);

// Shortens to at most `columns` characters, the last one "…" when something was cut. Never cuts
// inside a character.
std::string Ellipsize(absl::string_view text, size_t columns);

}  // namespace zbroker

#endif  // ZBROKER_CLIENT_BASE_TEXT_H_
