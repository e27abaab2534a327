#include "client/base/glob.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace zbroker {

bool GlobMatches(absl::string_view glob, absl::string_view name) {
  // On a mismatch the latest star takes one byte more; earlier ones never need to.
  size_t g = 0, n = 0;
  size_t star = absl::string_view::npos, taken = 0;
  while (n < name.size()) {
    if (g < glob.size() && glob[g] == '*') {
      star = g++;
      taken = n;
    } else if (g < glob.size() &&
               (glob[g] == '?' || absl::ascii_tolower(glob[g]) == absl::ascii_tolower(name[n]))) {
      ++g;
      ++n;
    } else if (star != absl::string_view::npos) {
      g = star + 1;
      n = ++taken;
    } else {
      return false;
    }
  }
  return glob.find_first_not_of('*', g) == absl::string_view::npos;
}

bool AnyGlobMatches(const std::vector<std::string>& globs, absl::string_view name) {
  return std::any_of(globs.begin(), globs.end(),
                     [&](const std::string& glob) { return GlobMatches(glob, name); });
}

}  // namespace zbroker
