// "Did you mean …?"
#ifndef ZBROKER_CLIENT_ZCTL_NEAREST_WORD_H_
#define ZBROKER_CLIENT_ZCTL_NEAREST_WORD_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace zbroker::zctl {

// The word that most likely was meant by a mistyped one: at most two insertions, deletions and
// replacements away, and fewer than half its letters. Empty when there is none.
std::string NearestWord(absl::string_view typed, const std::vector<std::string>& words);

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_NEAREST_WORD_H_
