#include "tests/testing/window_model.h"

#include <algorithm>
#include <iterator>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace zbroker::testing {

using core::Amount;
using core::Period;

namespace {

constexpr absl::Duration kDay = absl::Hours(24);

}  // namespace

Amount WindowModel::Used(BootTime now) const {
  Amount used;
  const BootTime begin = PeriodOf(now).begin;
  for (const Entry& entry : charges) used += entry.at >= begin ? entry.amount : Amount();
  return std::max(used, Amount());
}

std::optional<BootTime> WindowModel::NextRelease(BootTime now) const {
  const auto counted = [&](BootTime at) {
    return std::count_if(charges.begin(), charges.end(), [&](const Entry& entry) {
      return entry.amount > Amount() && Counts(entry, now) && Counts(entry, at);
    });
  };
  std::vector<BootTime> instants = {PeriodOf(now).end};
  for (const Entry& entry : charges) instants.push_back(entry.at + config_.length);
  std::sort(instants.begin(), instants.end());
  for (const BootTime at : instants) {
    if (at > now && at != BootTime::InfiniteFuture() && counted(at) < counted(now)) return at;
  }
  return std::nullopt;
}

Period<BootTime> WindowModel::PeriodOf(BootTime now) const {
  const BootTime never = BootTime::InfiniteFuture();
  if (config_.kind == core::WindowKind::kRolling) {
    const BootTime oldest = now - config_.length + absl::Microseconds(1);
    if (!said) return {oldest, never};
    if (*said <= now) return {std::max(oldest, *said), never};
    return {std::max(oldest, *said - config_.length - absl::Seconds(10)), *said};
  }
  if (config_.months > 0) return MonthsOf(now);
  if (config_.anchor || config_.length >= kDay) {
    std::optional<BootTime> any = said;
    if (!any && config_.anchor) any = wall.BootAt(absl::FromCivil(*config_.anchor, config_.zone));
    if (!any && !charges.empty()) any = charges.front().at;
    if (!any) return {now, never};
    absl::Duration into;  // the period, or what is missing to the next one
    absl::IDivDuration(now - *any, config_.length, &into);
    if (into < absl::ZeroDuration()) into += config_.length;
    return {now - into, now - into + config_.length};
  }
  return ChainOf(now);
}

Period<BootTime> WindowModel::ChainOf(BootTime now) const {
  std::optional<Period<BootTime>> period;
  if (said) period = {*said - config_.length - absl::Seconds(10), *said};
  for (const Entry& entry : charges) {
    if (period && entry.at < period->end) {
      if (said == period->end && entry.at == *said - config_.length) period->begin = entry.at;
      continue;
    }
    period = {entry.at, entry.at + config_.length};
  }
  if (!period || period->end <= now) return {now, BootTime::InfiniteFuture()};
  return *period;
}

// Day by day.
Period<BootTime> WindowModel::MonthsOf(BootTime now) const {
  std::optional<BootTime> any = said;
  if (!any && !config_.anchor && !charges.empty()) any = charges.front().at;
  if (!any && !config_.anchor) return {now, BootTime::InfiniteFuture()};
  std::optional<absl::CivilSecond> first = config_.anchor;
  absl::Duration below_second;
  int its_number = config_.anchor ? config_.anchor->day() : 0;
  if (any) {
    const absl::Time at = wall.At(*any);
    first = absl::ToCivilSecond(at, config_.zone);
    below_second = at - absl::FromCivil(*first, config_.zone);
    // A reset on the last day of a month may be that of an anchor on a later day.
    const bool last_day = (absl::CivilDay(*first) + 1).day() == 1;
    if (!last_day || its_number < first->day()) its_number = first->day();
  }
  std::vector<BootTime> resets;
  const absl::CivilDay today = absl::ToCivilDay(wall.At(now), config_.zone);
  const int days = 31 * config_.months + 2;
  for (absl::CivilDay day = today - days; day < today + days; ++day) {
    const absl::CivilDay next = day + 1;
    const bool its_day = day.day() == its_number || (day.day() < its_number && next.day() == 1);
    const auto months = absl::CivilMonth(day) - absl::CivilMonth(*first);
    if (!its_day || months % config_.months != 0) continue;
    const absl::CivilSecond at(day.year(), day.month(), day.day(), first->hour(), first->minute(),
                               first->second());
    resets.push_back(wall.BootAt(absl::FromCivil(at, config_.zone) + below_second));
  }
  const auto end = std::upper_bound(resets.begin(), resets.end(), now);
  return {*std::prev(end), *end};
}

}  // namespace zbroker::testing
