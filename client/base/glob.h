// Patterns for names of models, programs and tools.
#ifndef ZBROKER_CLIENT_BASE_GLOB_H_
#define ZBROKER_CLIENT_BASE_GLOB_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace zbroker {

// Whether `name` is as `glob` says: `*` stands for any bytes, `?` for one, ASCII letters of either
// case are the same, everything else is itself. Takes time linear in the product of the lengths.
bool GlobMatches(absl::string_view glob, absl::string_view name);

bool AnyGlobMatches(const std::vector<std::string>& globs, absl::string_view name);

}  // namespace zbroker

#endif  // ZBROKER_CLIENT_BASE_GLOB_H_
