#include "daemon/config/hours.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace zbroker::config {
namespace {

constexpr absl::string_view kDays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
constexpr size_t kDayWordsMax = 7;
constexpr size_t kZoneBytesMax = 64;
constexpr int kOffsetMinutesMax = 14 * 60;

std::optional<size_t> ParseDay(absl::string_view word) {
  const auto found = std::find(std::begin(kDays), std::end(kDays), word);
  if (found == std::end(kDays)) return std::nullopt;
  return static_cast<size_t>(found - std::begin(kDays));
}

// One or two digits.
std::optional<int> ParseSmall(absl::string_view digits, int largest) {
  int value = 0;
  if (digits.empty() || digits.size() > 2 ||
      !std::all_of(digits.begin(), digits.end(), absl::ascii_isdigit) ||
      !absl::SimpleAtoi(digits, &value) || value > largest) {
    return std::nullopt;
  }
  return value;
}

// "9:30", "09:30"; "24:00" too. In minutes.
std::optional<int> ParseClock(absl::string_view text) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits(':', 1));
  const std::optional<int> hour = ParseSmall(parts.first, 24);
  const std::optional<int> minute = ParseSmall(parts.second, 59);
  if (!hour || !minute || parts.second.size() != 2) return std::nullopt;
  const int of_day = *hour * 60 + *minute;
  if (of_day > core::WeekHours::kMinutesOfDay) return std::nullopt;
  return of_day;
}

// "+8", "+08:00", "-3:30".
std::optional<absl::TimeZone> ParseOffset(absl::string_view text) {
  const bool west = absl::ConsumePrefix(&text, "-");
  if (!west && !absl::ConsumePrefix(&text, "+")) return std::nullopt;
  const std::optional<int> minutes =
      absl::StrContains(text, ':') ? ParseClock(text) : [&]() -> std::optional<int> {
    const std::optional<int> hours = ParseSmall(text, 24);
    return hours ? std::optional(*hours * 60) : std::nullopt;
  }();
  if (!minutes || *minutes > kOffsetMinutesMax) return std::nullopt;
  return absl::FixedTimeZone((west ? -*minutes : *minutes) * 60);
}

// A name, and nothing that would make a path out of the zone files of it.
bool IsZoneName(absl::string_view text) {
  const auto fits = [](char c) {
    return absl::ascii_isalnum(c) || c == '/' || c == '_' || c == '-' || c == '+';
  };
  return !text.empty() && text.size() <= kZoneBytesMax && absl::ascii_isalpha(text[0]) &&
         std::all_of(text.begin(), text.end(), fits);
}

}  // namespace

absl::TimeZone ProviderZone() { return absl::FixedTimeZone(8 * 60 * 60); }

std::optional<std::array<bool, 7>> ParseDays(const std::vector<std::string>& words) {
  if (words.empty() || words.size() > kDayWordsMax) return std::nullopt;
  std::array<bool, 7> days{};
  for (const std::string& word : words) {
    const std::vector<absl::string_view> ends = absl::StrSplit(word, absl::MaxSplits('-', 1));
    const std::optional<size_t> first = ParseDay(ends.front());
    const std::optional<size_t> last = ParseDay(ends.back());
    if (!first || !last) return std::nullopt;
    for (size_t day = *first;; day = (day + 1) % days.size()) {
      days[day] = true;
      if (day == *last) break;
    }
  }
  return days;
}

std::optional<std::pair<int, int>> ParseHours(absl::string_view text) {
  const std::vector<absl::string_view> ends = absl::StrSplit(text, absl::MaxSplits('-', 1));
  const std::optional<int> from = ParseClock(ends.front());
  std::optional<int> to = ParseClock(ends.back());
  if (ends.size() != 2 || !from || !to || *from == core::WeekHours::kMinutesOfDay) {
    return std::nullopt;
  }
  if (*to == 0) to = core::WeekHours::kMinutesOfDay;
  return std::pair(*from, *to);
}

std::optional<absl::TimeZone> ParseZone(absl::string_view text) {
  absl::string_view offset = text;
  if (absl::ConsumePrefix(&offset, "UTC") && offset.empty()) return absl::UTCTimeZone();
  if (const std::optional<absl::TimeZone> fixed = ParseOffset(offset)) return fixed;
  absl::TimeZone zone;
  if (!IsZoneName(text) || !absl::LoadTimeZone(text, &zone)) return std::nullopt;
  return zone;
}

std::optional<absl::TimeZone> ReadZone(TableReader& reader) {
  return reader.Parsed("tz",
                       "a time zone that this machine knows, such as \"UTC+8\", \"+08:00\" or "
                       "\"Asia/Shanghai\"",
                       ParseZone);
}

core::WeekHours ReadHours(TableReader& reader, core::WeekHours otherwise) {
  core::WeekHours hours = otherwise;
  hours.days =
      reader
          .ParsedList("days", "days of the week, such as \"mon-fri\" or [\"sat\", \"sun\"]",
                      ParseDays)
          .value_or(otherwise.days);
  if (const auto of_day =
          reader.Parsed("hours", "hours of the day, such as \"15:00-18:00\"", ParseHours)) {
    std::tie(hours.from_minute, hours.to_minute) = *of_day;
  }
  hours.zone = ReadZone(reader).value_or(otherwise.zone);
  return hours;
}

}  // namespace zbroker::config
