// The periods of a quota that is reset again and again.
#ifndef ZBROKER_DAEMON_CORE_PERIOD_H_
#define ZBROKER_DAEMON_CORE_PERIOD_H_

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "client/base/clock.h"

namespace zbroker::core {

// From `begin` up to but not including `end`, both resets.
template <typename Time>
struct Period {
  Time begin;
  Time end;

  bool operator==(const Period&) const = default;
};

// The period that contains `now`, of those that begin at `reset` plus or minus any number of whole
// lengths. REQUIRES: a length of a microsecond or more, instants that can be reached.
Period<BootTime> PeriodAt(BootTime now, BootTime reset, absl::Duration length);

// A reset by the calendar: at this date and time of day of a zone, and any number of times `months`
// months before and after it, on the last day of months that don't have `day`.
struct MonthlyReset {
  absl::CivilSecond first;
  int day = 1;  // of the month; first.day(), or later if the month of `first` was too short for it
  int months = 1;
  absl::TimeZone zone = absl::UTCTimeZone();

  // The period that contains `now`. A time of day that the zone's clocks skip is as far after the
  // last instant before the gap as they would have shown it; of one shown twice, it is the first.
  Period<absl::Time> PeriodAt(absl::Time now) const;
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_PERIOD_H_
