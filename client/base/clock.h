// Two clocks as two types, so that neither is taken for the other.
//
// absl::Time is the wall clock: what people and the provider speak. It may step either way.
// BootTime is CLOCK_BOOTTIME: it never steps, counts through suspend, and is the same for every
// process of the machine until it boots again. Leases, cool-downs and windows run on it.
#ifndef ZBROKER_CLIENT_BASE_CLOCK_H_
#define ZBROKER_CLIENT_BASE_CLOCK_H_

#include <compare>
#include <cstdint>
#include <limits>

#include "absl/time/time.h"

namespace zbroker {

// An instant of the boot clock, exact to the microsecond. Instants before the boot are negative.
class BootTime {
 public:
  constexpr BootTime() = default;
  static constexpr BootTime FromMicros(int64_t us) { return BootTime(us); }
  // Later than every instant that can be reached.
  static constexpr BootTime InfiniteFuture() {
    return BootTime(std::numeric_limits<int64_t>::max());
  }

  constexpr int64_t micros() const { return us_; }
  auto operator<=>(const BootTime&) const = default;

 private:
  explicit constexpr BootTime(int64_t us) : us_(us) {}
  int64_t us_ = 0;
};

// Saturate at InfiniteFuture() and at the earliest instant.
BootTime operator+(BootTime time, absl::Duration length);
BootTime operator-(BootTime time, absl::Duration length);
// Infinite from InfiniteFuture(), else exact: no two instants are too far apart.
absl::Duration operator-(BootTime later, BootTime earlier);

// One reading of both clocks.
struct Now {
  BootTime boot;
  absl::Time wall;

  // What the wall clock shows, by its present setting, at an instant of the boot clock.
  absl::Time WallAt(BootTime time) const { return wall + (time - boot); }
  // The reverse.
  BootTime BootAt(absl::Time time) const { return boot + (time - wall); }
};

// Reads the clocks. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Now Read() const = 0;

  // The machine's clocks.
  static const Clock& System();
};

}  // namespace zbroker

#endif  // ZBROKER_CLIENT_BASE_CLOCK_H_
