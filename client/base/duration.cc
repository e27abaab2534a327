#include "client/base/duration.h"

#include <cstdlib>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace zbroker {
namespace {

constexpr absl::Duration kLongest = absl::Hours(24 * 365 * 10);

absl::Status BadDuration(absl::string_view text) {
  return absl::InvalidArgumentError(
      absl::StrCat("\"", text.substr(0, 40),
                   "\" is not a length of time: write for example 250ms, 30s, 5h, 7d"));
}

}  // namespace

absl::StatusOr<absl::Duration> ParseDuration(absl::string_view text) {
  // absl::ParseDuration knows neither days nor weeks and takes signs; so split those units off.
  absl::Duration total;
  absl::string_view rest = text;
  for (const auto& [unit, length] :
       {std::pair{'w', absl::Hours(24 * 7)}, std::pair{'d', absl::Hours(24)}}) {
    const size_t at = rest.find(unit);
    if (at == absl::string_view::npos) continue;
    const std::string number(rest.substr(0, at));
    if (number.empty() || number.size() > 8 ||
        number.find_first_not_of("0123456789") != std::string::npos) {
      return BadDuration(text);
    }
    total += std::strtol(number.c_str(), nullptr, 10) * length;
    rest.remove_prefix(at + 1);
  }
  absl::Duration tail;
  const bool signed_text = !rest.empty() && (rest[0] == '-' || rest[0] == '+');
  if (signed_text || rest.size() > 40 || (!rest.empty() && !absl::ParseDuration(rest, &tail)) ||
      text.empty()) {
    return BadDuration(text);
  }
  total += tail;
  if (total > kLongest) return BadDuration(text);
  return total;
}

std::string FormatDuration(absl::Duration length) {
  if (length == absl::InfiniteDuration()) return "for ever";
  if (length <= absl::ZeroDuration()) return "0s";
  if (length < absl::Seconds(1)) {
    return absl::StrCat(absl::ToInt64Milliseconds(length), "ms");
  }
  if (length < absl::Seconds(10)) {
    // Cut, not rounded, so that 9.99 s does not read as 10.0s.
    const int64_t tenths = absl::ToInt64Milliseconds(length) / 100;
    return absl::StrFormat("%.1fs", static_cast<double>(tenths) / 10);
  }
  const int64_t seconds = absl::ToInt64Seconds(length);
  struct Unit {
    int64_t seconds;
    absl::string_view name;
  };
  constexpr Unit kUnits[] = {{86'400, "d"}, {3'600, "h"}, {60, "m"}, {1, "s"}};
  for (int i = 0; i < 3; ++i) {
    if (seconds < kUnits[i].seconds) continue;
    const int64_t rest = seconds % kUnits[i].seconds / kUnits[i + 1].seconds;
    const std::string head = absl::StrCat(seconds / kUnits[i].seconds, kUnits[i].name);
    return rest == 0 ? head : absl::StrCat(head, rest, kUnits[i + 1].name);
  }
  return absl::StrCat(seconds, "s");
}

}  // namespace zbroker
