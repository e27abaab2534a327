#include "shims/tools/command_words.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "absl/types/span.h"

namespace zbroker::tools {
namespace {

// What comes before a "--".
size_t EndOfOptions(const std::vector<std::string>& arguments) {
  return static_cast<size_t>(std::ranges::find(arguments, "--") - arguments.begin());
}

// The value that is in the same word as its option; empty if it is not that option or has none.
std::optional<absl::string_view> JoinedValue(absl::string_view argument, Words names) {
  for (const absl::string_view name : names) {
    absl::string_view rest = argument;
    if (!absl::ConsumePrefix(&rest, name) || rest.empty()) continue;
    const bool is_short = name.size() == 2;
    if (absl::ConsumePrefix(&rest, "=") || is_short) return rest;
  }
  return std::nullopt;
}

bool Is(absl::string_view argument, Words words) {
  return std::ranges::find(words, argument) != words.end();
}

// Calls `on_value` with each value of the option and the words that say it, `on_other` with each
// other argument.
void Walk(const std::vector<std::string>& arguments, Words names,
          const std::function<void(absl::string_view, absl::Span<const std::string>)>& on_value,
          const std::function<void(const std::string&)>& on_other) {
  const size_t end = EndOfOptions(arguments);
  for (size_t i = 0; i < arguments.size(); ++i) {
    const auto joined = i < end ? JoinedValue(arguments[i], names) : std::nullopt;
    if (joined) {
      on_value(*joined, {&arguments[i], 1});
    } else if (i + 1 < end && Is(arguments[i], names)) {
      on_value(arguments[i + 1], {&arguments[i], 2});
      ++i;
    } else {
      on_other(arguments[i]);
    }
  }
}

}  // namespace

bool HasWord(const std::vector<std::string>& arguments, Words words) {
  const auto end = arguments.begin() + static_cast<long>(EndOfOptions(arguments));
  return std::any_of(arguments.begin(), end,
                     [&](const std::string& argument) { return Is(argument, words); });
}

std::vector<std::string> OptionValues(const std::vector<std::string>& arguments, Words names) {
  std::vector<std::string> values;
  Walk(
      arguments, names, [&](absl::string_view value, auto) { values.emplace_back(value); },
      [](const std::string&) {});
  return values;
}

std::optional<std::string> OptionValue(const std::vector<std::string>& arguments, Words names) {
  const std::vector<std::string> values = OptionValues(arguments, names);
  return values.empty() ? std::nullopt : std::optional(values.back());
}

std::vector<std::string> WithoutOption(
    const std::vector<std::string>& arguments, Words names,
    const std::function<bool(absl::string_view value)>& is_meant) {
  std::vector<std::string> others;
  Walk(
      arguments, names,
      [&](absl::string_view value, absl::Span<const std::string> words) {
        if (!is_meant(value)) others.insert(others.end(), words.begin(), words.end());
      },
      [&](const std::string& other) { others.push_back(other); });
  return others;
}

std::string FirstWord(const std::vector<std::string>& arguments, Words with_value) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (!absl::StartsWith(arguments[i], "-")) return arguments[i];
    if (Is(arguments[i], with_value)) ++i;
  }
  return "";
}

}  // namespace zbroker::tools
