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
  if (time == BootTime::InfiniteFuture() || length == absl::InfiniteDuration()) {
    return BootTime::InfiniteFuture();
  }
  int64_t sum = 0;
  if (__builtin_add_overflow(time.micros(), absl::ToInt64Microseconds(length), &sum)) {
    return length > absl::ZeroDuration()
               ? BootTime::InfiniteFuture()
               : BootTime::FromMicros(std::numeric_limits<int64_t>::min());
  }
  return BootTime::FromMicros(sum);
}

BootTime operator-(BootTime time, absl::Duration length) { return time + -length; }

absl::Duration operator-(BootTime later, BootTime earlier) {
  if (later == BootTime::InfiniteFuture()) return absl::InfiniteDuration();
  return absl::Microseconds(later.micros() - earlier.micros());
}

const Clock& Clock::System() {
  static const SystemClock clock;
  return clock;
}

}  // namespace zbroker
