// Windows of the plans' kinds, and the instants that their tests speak of.
#ifndef ZBROKER_TESTS_UNIT_CORE_WINDOWS_H_
#define ZBROKER_TESTS_UNIT_CORE_WINDOWS_H_

#include <gtest/gtest.h>

#include <optional>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "daemon/core/window.h"
#include "tests/unit/core/harness.h"

namespace zbroker::core {

inline BootTime AfterBoot(absl::Duration since_boot) {
  return BootTime::FromMicros(0) + since_boot;
}
inline BootTime Hour(double hours) { return AfterBoot(absl::Hours(hours)); }

inline WindowConfig Rolling(double limit, Enforce enforce = Enforce::kHard) {
  return {.name = "5h", .length = absl::Hours(5), .limit = Units(limit), .enforce = enforce};
}

inline WindowConfig FromFirstUse(double limit) {
  return {
      .name = "5h", .length = absl::Hours(5), .limit = Units(limit), .kind = WindowKind::kAnchored};
}

inline WindowConfig Weekly(std::optional<absl::CivilSecond> anchor, absl::TimeZone zone) {
  return {.name = "week",
          .length = absl::Hours(7 * 24),
          .limit = Units(100),
          .kind = WindowKind::kAnchored,
          .anchor = anchor,
          .zone = zone};
}

inline WindowConfig Monthly(std::optional<absl::CivilSecond> anchor, absl::TimeZone zone) {
  return {.name = "month",
          .months = 1,
          .limit = Units(100),
          .kind = WindowKind::kAnchored,
          .anchor = anchor,
          .zone = zone};
}

inline absl::TimeZone LoadZone(const char* name) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone)) << name;
  return zone;
}

inline const absl::TimeZone kProvidersZone = absl::FixedTimeZone(8 * 60 * 60);

// A boot clock that was at zero at this instant.
inline WallClock BootedAt(absl::Time time) { return {absl::ToUnixMicros(time)}; }

using PastCharges = std::vector<std::pair<BootTime, Amount>>;

// The window as a daemon that starts at `now` builds it from its ledger.
inline Window Restored(const WindowConfig& config, const PastCharges& charges,
                       std::optional<BootTime> reset, WallClock wall, BootTime now) {
  Window window(config);
  window.SetWallClock(wall);
  for (const auto& [at, amount] : charges) window.Add(at, amount);
  if (reset) window.SetReset(*reset);
  window.Advance(now);
  return window;
}

}  // namespace zbroker::core

#endif  // ZBROKER_TESTS_UNIT_CORE_WINDOWS_H_
