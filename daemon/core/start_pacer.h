// Spaces the starts of leases, where it matters how quickly one follows another rather than how
// many are in flight.
//
// The generic cell rate algorithm without tolerance: each start moves the instant of the next one
// by an interval. Off, which it is by default, the interval is zero. An upstream that complains of
// too many starts sets it; it doubles with each further burst of complaints, and halves with each
// quiet minute until it is off again. Not thread-safe.
#ifndef ZBROKER_DAEMON_CORE_START_PACER_H_
#define ZBROKER_DAEMON_CORE_START_PACER_H_

#include <algorithm>
#include <cstddef>

#include "absl/time/time.h"
#include "client/base/clock.h"

namespace zbroker::core {

class StartPacer {
 public:
  static constexpr absl::Duration kFirstInterval = absl::Milliseconds(500);
  static constexpr absl::Duration kLongestInterval = absl::Seconds(15);
  static constexpr absl::Duration kQuiet = absl::Minutes(1);
  // Of a slow start: from the first lease, the canary, to the second, in which an upstream that
  // still refuses has done so; and between the others.
  static constexpr absl::Duration kCanary = absl::Seconds(5);
  static constexpr absl::Duration kSlowInterval = absl::Seconds(1);

  // Lets the interval ease off.
  void Advance(BootTime now);

  // Whether a lease may be granted, as far as the pace is concerned.
  bool MayStart(BootTime now) const { return now >= next_; }
  // The same of one that is nested in another, which a slow start has counted already.
  bool MayStartNested(BootTime now) const {
    return interval_ == absl::ZeroDuration() || MayStart(now);
  }
  // When the next one may; in the past if it may already.
  BootTime NextStart() const { return next_; }
  // From that start to the next ones, as things stand.
  absl::Duration gap() const {
    return slow_left_ > 0 ? std::max(interval_, kSlowInterval) : interval_;
  }
  // From the end of a wall to the start of the one at this position, 1 for the first.
  static absl::Duration AfterWall(size_t position) {
    if (position <= 1) return absl::ZeroDuration();
    return kCanary + kSlowInterval * static_cast<int64_t>(position - 2);
  }
  // One was granted that is not nested; or one that is.
  void Started(BootTime now);
  void StartedNested(BootTime now);

  // A lease was throttled for its start. Those granted before the last change of the interval
  // belong to the same burst, and change nothing.
  void OnStartRateThrottle(BootTime granted, BootTime now);

  // A wall is over: the next `count` starts are spaced, so that a queue that was held until then
  // does not arrive all at once.
  void SlowStart(BootTime now, int count);

  // Turns it off, for somebody who knows better.
  void Stop();

  // Zero while off; what a slow start adds is not counted.
  absl::Duration interval() const { return interval_; }

 private:
  BootTime next_;
  absl::Duration interval_;
  BootTime changed_;  // when the interval became what it is
  int slow_left_ = 0;
  bool canary_ = false;  // the next start is the first of a slow start
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_START_PACER_H_
