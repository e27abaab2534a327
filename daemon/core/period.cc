#include "daemon/core/period.h"

#include <algorithm>
#include <cstdint>

namespace zbroker::core {
namespace {

int64_t FloorDivide(int64_t dividend, int64_t divisor) {
  const int64_t quotient = dividend / divisor;
  return quotient - (dividend % divisor < 0 ? 1 : 0);
}

}  // namespace

Period<BootTime> PeriodAt(BootTime now, BootTime reset, absl::Duration length) {
  const int64_t length_us = absl::ToInt64Microseconds(length);
  const int64_t since_us = now.micros() - reset.micros();
  const BootTime begin =
      BootTime::FromMicros(reset.micros() + FloorDivide(since_us, length_us) * length_us);
  return {begin, begin + length};
}

Period<absl::Time> MonthlyReset::PeriodAt(absl::Time now) const {
  const absl::CivilMonth first_month(first);
  const auto nth = [&](int64_t n) {
    const absl::CivilMonth month = first_month + n * months;
    const absl::CivilDay last_day = absl::CivilDay(month + 1) - 1;
    const absl::CivilSecond reset(month.year(), month.month(), std::min(day, last_day.day()),
                                  first.hour(), first.minute(), first.second());
    return absl::FromCivil(reset, zone);
  };
  // The reset of the month of `now` may still be ahead.
  int64_t n = FloorDivide(absl::ToCivilMonth(now, zone) - first_month, months);
  if (nth(n) > now) --n;
  return {nth(n), nth(n + 1)};
}

}  // namespace zbroker::core
