#include "shims/zai/window_length.h"

#include <algorithm>

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

// A number with its unit off the front; zero, and only the number is gone, if no unit follows.
// REQUIRES: a digit is first.
absl::Duration TakeCounted(absl::string_view& text) {
  int number = 0;
  for (; !text.empty() && absl::ascii_isdigit(text[0]); text.remove_prefix(1)) {
    if (number <= kNumberMax) number = number * 10 + (text[0] - '0');
  }
  const absl::Duration unit = UnitAt(text);
  return number <= kNumberMax ? number * unit : absl::ZeroDuration();
}

absl::Duration FindCounted(absl::string_view text) {
  while (!text.empty()) {
    if (!absl::ascii_isdigit(text[0])) {
      text.remove_prefix(1);
      continue;
    }
    const absl::Duration counted = TakeCounted(text);
    if (counted > absl::ZeroDuration()) return counted;
  }
  return absl::ZeroDuration();
}

// Where a wait is written, and how long it is.
struct StatedWait {
  size_t begin = 0;
  size_t end = 0;
  absl::Duration length;
};

// Of the words before "in": as against "600 prompts in 5 hours".
bool AsksToWait(absl::string_view before) {
  constexpr size_t kNear = 32;
  if (before.size() > kNear) before.remove_prefix(before.size() - kNear);
  const std::string lower = absl::AsciiStrToLower(before);
  for (const absl::string_view word : {"reset", "again", "retry", "available", "refresh"}) {
    if (absl::StrContains(lower, word)) return true;
  }
  return false;
}

// The numbers with units that follow each other.
StatedWait WaitAt(absl::string_view text, size_t begin) {
  StatedWait wait{begin, begin, absl::ZeroDuration()};
  absl::string_view rest = text.substr(begin);
  for (;;) {
    const size_t digit = rest.find_first_not_of(" ,");
    if (digit == rest.npos || !absl::ascii_isdigit(rest[digit])) return wait;
    rest.remove_prefix(digit);
    const absl::Duration counted = TakeCounted(rest);
    if (counted == absl::ZeroDuration()) return wait;
    rest = rest.substr(rest.find_first_not_of(" -") == rest.npos ? rest.size()
                                                                 : rest.find_first_not_of(" -"));
    rest.remove_prefix(std::min(rest.find_first_of(" ,.;)"), rest.size()));
    wait.length += counted;
    wait.end = text.size() - rest.size();
    absl::string_view behind = absl::StripLeadingAsciiWhitespace(rest);
    if (absl::ConsumePrefix(&behind, "and ")) rest = behind;
  }
}

StatedWait FindWait(absl::string_view text) {
  constexpr absl::string_view kIn = " in ";
  for (size_t at = text.find(kIn); at != text.npos; at = text.find(kIn, at + 1)) {
    if (!AsksToWait(text.substr(0, at))) continue;
    const StatedWait wait = WaitAt(text, at + kIn.size());
    if (wait.length > absl::ZeroDuration()) return wait;
  }
  return {};
}

}  // namespace

absl::Duration FindStatedWait(absl::string_view text) { return FindWait(text).length; }

absl::Duration FindWindowLength(absl::string_view text) {
  const StatedWait wait = FindWait(text);
  absl::Duration counted = FindCounted(text.substr(0, wait.begin));
  if (counted == absl::ZeroDuration()) counted = FindCounted(text.substr(wait.end));
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
