// Words in error messages.
#ifndef ZBROKER_CLIENT_CONFIG_WORDS_H_
#define ZBROKER_CLIENT_CONFIG_WORDS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace zbroker::config {

// "a", "a or b", "a, b or c"; of more than 16 words the first 16 and "…". Empty for none.
std::string OrList(const std::vector<std::string>& words);

// The one of `words` that was probably meant by `typed`: at most a third of its letters have to be
// added, dropped or changed (Levenshtein distance, letter case ignored). Empty when none is that
// near. Takes time linear in the length of `typed`.
std::optional<std::string> NearestWord(absl::string_view typed,
                                       const std::vector<std::string>& words);

}  // namespace zbroker::config

#endif  // ZBROKER_CLIENT_CONFIG_WORDS_H_
