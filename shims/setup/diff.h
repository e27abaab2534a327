// What changes in a text, for a person.
#ifndef ZBROKER_SHIMS_SETUP_DIFF_H_
#define ZBROKER_SHIMS_SETUP_DIFF_H_

#include <string>

#include "absl/strings/string_view.h"

namespace zbroker::setup {

// The lines that go and come, without those around them, which may hold keys: "-old", "+new", after
// a line "@@ line N @@" for each place. Each as MaskSecrets leaves it.
std::string Diff(absl::string_view before, absl::string_view after);

// The line without what is secret as far as can be told: gateways' tokens, and values of names with
// "key", "token", "secret", "password" in them. Safe for a terminal.
std::string MaskSecrets(absl::string_view line);

}  // namespace zbroker::setup

#endif  // ZBROKER_SHIMS_SETUP_DIFF_H_
