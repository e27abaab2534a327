// A tool's arguments, as far as plans look at them.
#ifndef ZBROKER_SHIMS_TOOLS_COMMAND_WORDS_H_
#define ZBROKER_SHIMS_TOOLS_COMMAND_WORDS_H_

#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace zbroker::tools {

using Words = std::initializer_list<absl::string_view>;

// Whether one of the arguments before a "--" is one of the words.
bool HasWord(const std::vector<std::string>& arguments, Words words);

// The values that options of these names have: `--name VALUE`, `--name=VALUE`, and `-nVALUE` for
// short names.
std::vector<std::string> OptionValues(const std::vector<std::string>& arguments, Words names);

// The last of them; empty if there is none.
std::optional<std::string> OptionValue(const std::vector<std::string>& arguments, Words names);

// The arguments without such options and their values: without those of a value that `is_meant`.
std::vector<std::string> WithoutOption(
    const std::vector<std::string>& arguments, Words names,
    const std::function<bool(absl::string_view value)>& is_meant = [](absl::string_view) {
      return true;
    });

// The first argument that is neither an option nor the value of one of `with_value`; empty if there
// is none.
std::string FirstWord(const std::vector<std::string>& arguments, Words with_value);

}  // namespace zbroker::tools

#endif  // ZBROKER_SHIMS_TOOLS_COMMAND_WORDS_H_
