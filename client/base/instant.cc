#include "client/base/instant.h"

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "client/base/duration.h"

namespace zbroker {
namespace {

constexpr size_t kLongestText = 40;
constexpr absl::Duration kFarthest = absl::Hours(24 * 365 * 10);

// The next time of day of that kind.
std::optional<absl::Time> ParseTimeOfDay(const std::string& text, absl::Time now,
                                         absl::TimeZone zone) {
  absl::Time read;
  // On the first day of 1970, where no date is read.
  const absl::TimeZone utc = absl::UTCTimeZone();
  if (!absl::ParseTime("%H:%M", text, utc, &read, nullptr) &&
      !absl::ParseTime("%H:%M:%S", text, utc, &read, nullptr)) {
    return std::nullopt;
  }
  const absl::CivilSecond time = absl::ToCivilSecond(read, utc);
  const absl::CivilDay today = absl::ToCivilDay(now, zone);
  for (const absl::CivilDay day : {today, today + 1}) {
    const absl::Time at =
        absl::FromCivil(absl::CivilSecond(day.year(), day.month(), day.day(), time.hour(),
                                          time.minute(), time.second()),
                        zone);
    if (at > now) return at;
  }
  return std::nullopt;
}

std::optional<absl::Time> ParseDate(const std::string& text, absl::TimeZone zone) {
  absl::Time read;
  for (const char* const format :
       {"%Y-%m-%d%ET%H:%M:%E*S%Ez", "%Y-%m-%d %H:%M:%E*S%Ez", "%Y-%m-%d%ET%H:%M:%E*S",
        "%Y-%m-%d %H:%M:%E*S", "%Y-%m-%d%ET%H:%M", "%Y-%m-%d %H:%M"}) {
    if (absl::ParseTime(format, text, zone, &read, nullptr)) return read;
  }
  return std::nullopt;
}

}  // namespace

absl::StatusOr<absl::Time> ParseInstant(absl::string_view text, absl::Time now,
                                        absl::TimeZone zone) {
  const std::string quoted = absl::StrCat("\"", text.substr(0, kLongestText), "\"");
  std::optional<absl::Time> at;
  if (text.size() <= kLongestText) {
    at = ParseTimeOfDay(std::string(text), now, zone);
    if (!at) at = ParseDate(std::string(text), zone);
    if (!at) {
      if (const auto length = ParseDuration(text); length.ok()) at = now + *length;
    }
  }
  if (!at) {
    return absl::InvalidArgumentError(absl::StrCat(
        quoted, " is no instant: write for example 18:00, 2h30m, \"2026-12-24 18:00\""));
  }
  if (*at <= now) return absl::InvalidArgumentError(absl::StrCat(quoted, " has passed"));
  if (*at > now + kFarthest) {
    return absl::InvalidArgumentError(absl::StrCat(quoted, " is more than 10 years ahead"));
  }
  return *at;
}

}  // namespace zbroker
