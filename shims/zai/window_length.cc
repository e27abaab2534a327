#include "shims/zai/window_length.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace zbroker::zai {
namespace {

struct Unit {
  absl::string_view text;
  absl::Duration length;
};

// As prefixes of what follows a number; longer ones first.
constexpr Unit kUnits[] = {
    {"hour", absl::Hours(1)},
    {"minute", absl::Minutes(1)},
    {"day", kDay},
    {"week", kWeek},
    {"month", kMonth},
    {"小时", absl::Hours(1)},
    {"个小时", absl::Hours(1)},
    {"分钟", absl::Minutes(1)},
    {"天", kDay},
    {"周", kWeek},
    {"星期", kWeek},
    {"个星期", kWeek},
    {"个月", kMonth},
};

constexpr Unit kPeriods[] = {
    {"weekly", kWeek}, {"monthly", kMonth}, {"daily", kDay}, {"每周", kWeek},
    {"每月", kMonth},  {"每日", kDay},      {"每天", kDay},
};

constexpr int kNumberMax = 366;

absl::Duration UnitAt(absl::string_view text) {
  while (absl::ConsumePrefix(&text, " ") || absl::ConsumePrefix(&text, "-")) {
  }
  for (const Unit& unit : kUnits) {
    if (absl::StartsWithIgnoreCase(text, unit.text)) return unit.length;
  }
  return absl::ZeroDuration();
}

absl::Duration FindCounted(absl::string_view text) {
  while (!text.empty()) {
    if (!absl::ascii_isdigit(text[0])) {
      text.remove_prefix(1);
      continue;
    }
    int number = 0;
    for (; !text.empty() && absl::ascii_isdigit(text[0]); text.remove_prefix(1)) {
      if (number <= kNumberMax) number = number * 10 + (text[0] - '0');
    }
    const absl::Duration unit = UnitAt(text);
    if (unit > absl::ZeroDuration() && number > 0 && number <= kNumberMax) return number * unit;
  }
  return absl::ZeroDuration();
}

}  // namespace

absl::Duration FindWindowLength(absl::string_view text) {
  const absl::Duration counted = FindCounted(text);
  if (counted > absl::ZeroDuration()) return counted;
  const std::string lower = absl::AsciiStrToLower(text);
  absl::Duration found;
  for (const Unit& period : kPeriods) {
    if (!absl::StrContains(lower, period.text)) continue;
    if (found > absl::ZeroDuration() && found != period.length) return absl::ZeroDuration();
    found = period.length;
  }
  return found;
}

}  // namespace zbroker::zai
