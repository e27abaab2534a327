// The wall clock as the boot clock sees it, for what the calendar decides.
#ifndef ZBROKER_DAEMON_CORE_WALL_CLOCK_H_
#define ZBROKER_DAEMON_CORE_WALL_CLOCK_H_

#include <cstdint>

#include "absl/time/time.h"
#include "client/base/clock.h"

namespace zbroker::core {

// What the wall clock shows, by its present setting, at any instant of the boot clock.
struct WallClock {
  int64_t offset_us = 0;  // what it shows at the boot clock's zero, since the epoch

  bool operator==(const WallClock&) const = default;

  static WallClock From(const Now& now) {
    return {absl::ToUnixMicros(now.wall) - now.boot.micros()};
  }

  // REQUIRES: an instant that can be reached, not BootTime::InfiniteFuture().
  absl::Time At(BootTime time) const {
    return absl::UnixEpoch() + absl::Microseconds(time.micros()) + absl::Microseconds(offset_us);
  }
  // Saturates at BootTime::InfiniteFuture(); what is finer than a microsecond is cut off.
  BootTime BootAt(absl::Time time) const {
    return BootTime::FromMicros(0) + (time - absl::UnixEpoch() - absl::Microseconds(offset_us));
  }
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_WALL_CLOCK_H_
