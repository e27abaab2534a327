#include "client/config/describe.h"

#include <charconv>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/base/text.h"
#include "client/config/toml_library.h"

namespace zbroker::config {
namespace {

// Shows a float such that it does not read as an integer.
std::string DescribeFloat(double value) {
  char digits[32];
  const std::to_chars_result end = std::to_chars(digits, digits + sizeof(digits), value);
  const absl::string_view text(digits, end.ptr - digits);
  const bool looks_whole = text.find_first_not_of("-0123456789") == absl::string_view::npos;
  return absl::StrCat(text, looks_whole ? ".0" : "");
}

}  // namespace

std::string Quote(absl::string_view text) {
  return absl::StrCat("\"", Ellipsize(EscapeControls(text), kShownColumnsMax), "\"");
}

std::string Describe(const toml::node& node) {
  if (const auto* value = node.as_string()) return Quote(value->get());
  if (const auto* value = node.as_integer()) return absl::StrCat(value->get());
  if (const auto* value = node.as_floating_point()) return DescribeFloat(value->get());
  if (const auto* value = node.as_boolean()) return value->get() ? "true" : "false";
  if (node.is_table()) return "a table";
  if (node.is_array()) return "an array";
  return "a date or time";
}

std::string DescribeBound(absl::Duration bound) {
  constexpr std::pair<absl::Duration, absl::string_view> kLetters[] = {
      {absl::Hours(24), "d"}, {absl::Hours(1), "h"}, {absl::Minutes(1), "m"}};
  for (const auto& [unit, letter] : kLetters) {
    if (bound >= unit && bound % unit == absl::ZeroDuration()) {
      return absl::StrCat(bound / unit, letter);
    }
  }
  return absl::StrCat(absl::ToDoubleSeconds(bound), "s");
}

}  // namespace zbroker::config
