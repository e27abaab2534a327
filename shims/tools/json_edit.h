// Values put into a JSON file that somebody looks after by hand.
#ifndef ZBROKER_SHIMS_TOOLS_JSON_EDIT_H_
#define ZBROKER_SHIMS_TOOLS_JSON_EDIT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "shims/tools/settings_file.h"

namespace zbroker::tools {

// The text with `value`, a JSON text itself, at the path of keys; every other byte stays, but for
// the commas and blanks that a new member needs. Objects on the way that are missing are made, at
// the end of what they are in, in the manner of their neighbours. A text of blanks becomes an
// object. Errors: INVALID_ARGUMENT for what JsonObject does not take; FAILED_PRECONDITION when
// something on the way is no object. REQUIRES: a path of at least one key.
absl::StatusOr<std::string> SetJson(absl::string_view text, Syntax syntax,
                                    const std::vector<std::string>& path, absl::string_view value);
// The same with a string.
absl::StatusOr<std::string> SetJsonString(absl::string_view text, Syntax syntax,
                                          const std::vector<std::string>& path,
                                          absl::string_view value);

// The text with other elements, JSON texts themselves, in place of the first `count` of the array
// at the path, laid out as their neighbours are. An array that is missing is made. Errors: those of
// SetJson; FAILED_PRECONDITION also when something else is there, or fewer elements.
absl::StatusOr<std::string> ReplaceFirst(absl::string_view text, Syntax syntax,
                                         const std::vector<std::string>& path, size_t count,
                                         const std::vector<std::string>& elements);
// The same, with one at its end.
absl::StatusOr<std::string> AppendElement(absl::string_view text, Syntax syntax,
                                          const std::vector<std::string>& path,
                                          absl::string_view element);

}  // namespace zbroker::tools

#endif  // ZBROKER_SHIMS_TOOLS_JSON_EDIT_H_
