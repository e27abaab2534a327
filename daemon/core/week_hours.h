// Hours of the week, by the clocks of a time zone.
#ifndef ZBROKER_DAEMON_CORE_WEEK_HOURS_H_
#define ZBROKER_DAEMON_CORE_WEEK_HOURS_H_

#include <algorithm>
#include <array>
#include <cstdint>

#include "absl/time/time.h"

namespace zbroker::core {

// Some days of the week, and on each of them the minutes from `from_minute` up to but not including
// `to_minute`; if it is not later, it is on the following day, so that 22:00 to 06:00 on Fridays
// ends on Saturday. By default, every hour of every day. Instants that the zone's clocks show twice
// or skip are what the clocks show.
struct WeekHours {
  static constexpr int kMinutesOfDay = 24 * 60;

  std::array<bool, 7> days = {true, true, true, true, true, true, true};  // Monday first
  int from_minute = 0;                                                    // 0 to 1439
  int to_minute = kMinutesOfDay;                                          // 1 to 1440
  absl::TimeZone zone = absl::UTCTimeZone();

  bool operator==(const WeekHours&) const = default;

  // Every hour of every day, in whatever zone.
  bool always() const {
    return from_minute == 0 && to_minute == kMinutesOfDay &&
           std::find(days.begin(), days.end(), false) == days.end();
  }

  static WeekHours Daily(int from_minute, int to_minute, absl::TimeZone zone);

  bool Contains(absl::Time time) const;
  // An instant after `time`, at most a day and what clocks are put back by later, before which
  // Contains() does not change.
  absl::Time NextChange(absl::Time time) const;
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_WEEK_HOURS_H_
