// A string put into a JSON file that somebody looks after by hand.
#ifndef ZBROKER_SHIMS_TOOLS_JSON_EDIT_H_
#define ZBROKER_SHIMS_TOOLS_JSON_EDIT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "shims/tools/settings_file.h"

namespace zbroker::tools {

// The text with the string `value` at the path of keys; every other byte stays, but for the commas
// and blanks that a new member needs. Objects on the way that are missing are made, at the end of
// what they are in, in the manner of their neighbours. A text of blanks becomes an object. Errors:
// INVALID_ARGUMENT for what JsonObject does not take; FAILED_PRECONDITION when something on the way
// is no object. REQUIRES: a path of at least one key.
absl::StatusOr<std::string> SetJsonString(absl::string_view text, Syntax syntax,
                                          const std::vector<std::string>& path,
                                          absl::string_view value);

}  // namespace zbroker::tools

#endif  // ZBROKER_SHIMS_TOOLS_JSON_EDIT_H_
