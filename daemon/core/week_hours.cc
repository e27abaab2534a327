#include "daemon/core/week_hours.h"

#include <algorithm>

#include "absl/time/civil_time.h"

namespace zbroker::core {
namespace {

// Monday is 0, as in WeekHours::days and in the enumeration of Abseil.
size_t DayOf(absl::CivilDay day) { return static_cast<size_t>(absl::GetWeekday(day)); }

}  // namespace

WeekHours WeekHours::Daily(int from_minute, int to_minute, absl::TimeZone zone) {
  return {.from_minute = from_minute, .to_minute = to_minute, .zone = zone};
}

bool WeekHours::Contains(absl::Time time) const {
  const absl::CivilMinute minute = absl::ToCivilMinute(time, zone);
  const absl::CivilDay day(minute);
  const int of_day = static_cast<int>(minute - absl::CivilMinute(day));
  if (from_minute < to_minute) {
    return days[DayOf(day)] && from_minute <= of_day && of_day < to_minute;
  }
  return (days[DayOf(day)] && of_day >= from_minute) ||
         (days[DayOf(day - 1)] && of_day < to_minute);
}

absl::Time WeekHours::NextChange(absl::Time time) const {
  const absl::CivilDay day = absl::ToCivilDay(time, zone);
  absl::Time next = absl::InfiniteFuture();
  for (const absl::CivilMinute minute :
       {absl::CivilMinute(day) + from_minute, absl::CivilMinute(day) + to_minute,
        absl::CivilMinute(day + 1), absl::CivilMinute(day + 1) + from_minute}) {
    // Three instants where clocks are put forward or back: with them, they may skip what begins or
    // ends, or show it a second time. Else they are one.
    const absl::TimeZone::TimeInfo info = zone.At(absl::CivilSecond(minute));
    for (const absl::Time at : {info.pre, info.trans, info.post}) {
      if (at > time) next = std::min(next, at);
    }
  }
  return next;
}

}  // namespace zbroker::core
