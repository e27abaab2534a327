#include "daemon/core/start_pacer.h"

#include <algorithm>
#include <utility>

namespace zbroker::core {

void StartPacer::Advance(BootTime now) {
  while (interval_ > absl::ZeroDuration() && now >= changed_ + kQuiet) {
    changed_ = changed_ + kQuiet;
    interval_ /= 2;
    if (interval_ < kFirstInterval) interval_ = absl::ZeroDuration();
  }
}

void StartPacer::Started(BootTime now) {
  Advance(now);
  absl::Duration gap = interval_;
  if (slow_left_ > 0) {
    --slow_left_;
    gap = std::max(gap, std::exchange(canary_, false) ? kCanary : kSlowInterval);
  }
  next_ = std::max(next_, now) + gap;
}

void StartPacer::StartedNested(BootTime now) {
  Advance(now);
  next_ = std::max(next_, now + interval_);
}

void StartPacer::OnStartRateThrottle(BootTime granted, BootTime now) {
  Advance(now);
  if (interval_ > absl::ZeroDuration() && granted < changed_) return;
  interval_ =
      interval_ > absl::ZeroDuration() ? std::min(interval_ * 2, kLongestInterval) : kFirstInterval;
  changed_ = now;
  next_ = std::max(next_, now + interval_);
}

void StartPacer::SlowStart(BootTime now, int count) {
  slow_left_ = count;
  canary_ = count > 0;
  next_ = std::max(next_, now);
}

void StartPacer::Stop() { *this = StartPacer(); }

}  // namespace zbroker::core
