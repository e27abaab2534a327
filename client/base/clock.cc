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

class SystemClock final : public Clock {
 public:
  Now Read() const override {
    return {BootTime::FromMicros(ReadMicros(CLOCK_BOOTTIME)),
            absl::FromUnixMicros(ReadMicros(CLOCK_REALTIME))};
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
