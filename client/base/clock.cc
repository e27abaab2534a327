#include "client/base/clock.h"

#include <time.h>

#include <limits>

namespace zbroker {
namespace {

int64_t ReadMicros(clockid_t id) {
  timespec ts{};
  clock_gettime(id, &ts);
  return int64_t{ts.tv_sec} * 1'000'000 + ts.tv_nsec / 1'000;
}

// Readings of both clocks that lie so far apart say something wrong of how they differ.
constexpr int64_t kApartMicrosMax = 20;
constexpr int kReadings = 5;

class SystemClock final : public Clock {
 public:
  // Whoever reads may be put to sleep between the two clocks: then they are read again.
  Now Read() const override {
    Now best{};
    int64_t best_apart = std::numeric_limits<int64_t>::max();
    for (int i = 0; i < kReadings && best_apart > kApartMicrosMax; ++i) {
      const int64_t before = ReadMicros(CLOCK_BOOTTIME);
      const int64_t wall = ReadMicros(CLOCK_REALTIME);
      const int64_t apart = ReadMicros(CLOCK_BOOTTIME) - before;
      if (apart >= best_apart) continue;
      best_apart = apart;
      best = {BootTime::FromMicros(before), absl::FromUnixMicros(wall)};
    }
    return best;
  }
};

}  // namespace

BootTime operator+(BootTime time, absl::Duration length) {
  const int64_t length_us = absl::ToInt64Microseconds(length);
  if (time == BootTime::InfiniteFuture() || length_us == std::numeric_limits<int64_t>::max()) {
    return BootTime::InfiniteFuture();
  }
  int64_t sum = 0;
  if (__builtin_add_overflow(time.micros(), length_us, &sum)) {
    return length > absl::ZeroDuration()
               ? BootTime::InfiniteFuture()
               : BootTime::FromMicros(std::numeric_limits<int64_t>::min());
  }
  return BootTime::FromMicros(sum);
}

BootTime operator-(BootTime time, absl::Duration length) { return time + -length; }

absl::Duration operator-(BootTime later, BootTime earlier) {
  if (later == BootTime::InfiniteFuture()) return absl::InfiniteDuration();
  int64_t difference = 0;
  if (__builtin_sub_overflow(later.micros(), earlier.micros(), &difference)) {
    // A Duration reaches further than the two instants.
    return absl::Microseconds(later.micros()) - absl::Microseconds(earlier.micros());
  }
  return absl::Microseconds(difference);
}

const Clock& Clock::System() {
  static const SystemClock clock;
  return clock;
}

}  // namespace zbroker
