// Errors inside of texts: what the upstream puts into brackets, and what relays put into words of
// their own. For sources of this folder only.
#ifndef ZBROKER_SHIMS_ZAI_ERROR_TEXT_H_
#define ZBROKER_SHIMS_ZAI_ERROR_TEXT_H_

#include <optional>

#include "absl/strings/string_view.h"

namespace zbroker::zai {

// "[1302][Rate limit reached for requests][202609211355…]"; the last part may be missing.
struct Bracketed {
  absl::string_view code;
  absl::string_view message;
  absl::string_view request_id;
};

// Nothing unless `text` as a whole is of that form.
std::optional<Bracketed> ParseBracketed(absl::string_view text);

// The first in `text`, with a business code that is known.
std::optional<Bracketed> FindBracketed(absl::string_view text);

// From the first brace to the last; empty if there are none.
absl::string_view FindBraced(absl::string_view text);

// The first business code that is known and stands behind the word "code", however quoted: relays
// print errors as their language does. Empty if there is none.
absl::string_view FindNamedCode(absl::string_view text);

}  // namespace zbroker::zai

#endif  // ZBROKER_SHIMS_ZAI_ERROR_TEXT_H_
