// How long the slot of a request is kept whose client is gone, because it may still run upstream.
//
// The provider does not say when it gives up a request that nobody waits for any more. If one more
// than it serves is in flight, it refuses: so when a request is refused that was granted soon after
// such a slot was free again, and no more were in flight than are usually served, what was left
// behind still ran. Then such slots are kept twice as long from now on. When a request that took
// the last slot is served instead, nothing was left, and they are kept a quarter shorter, down to
// what is configured. A guess that is wrong, as the limit may have fallen at that very moment,
// costs one throttle more: what was left behind explains one refusal only. Not thread-safe.
#ifndef ZBROKER_DAEMON_CORE_LEFT_BEHIND_H_
#define ZBROKER_DAEMON_CORE_LEFT_BEHIND_H_

#include <cstddef>
#include <deque>

#include "absl/time/time.h"
#include "client/base/clock.h"

namespace zbroker::core {

class LeftBehind {
 public:
  static constexpr absl::Duration kLongest = absl::Minutes(1);
  // What was free for so long before a grant does not explain what became of it.
  static constexpr absl::Duration kSuspect = absl::Seconds(30);

  // What is configured: never shorter; and where it is zero, nothing is kept.
  void Configure(absl::Duration shortest);
  // How long the next slot is kept.
  absl::Duration hold() const { return hold_; }
  // Whether that is longer than is configured.
  bool has_grown() const { return hold_ > shortest_; }

  // A slot that was kept is free again.
  void Freed(BootTime now);
  // A request that was granted then, not beyond the limit, was refused as one too many. Returns
  // whether that is explained by what was left behind.
  bool Explains(BootTime granted);
  // A request that was granted then, and took the last slot of the limit, was served.
  void ServedAtLimit(BootTime granted);

 private:
  static constexpr size_t kMost = 64;

  // Takes out those that were free by then; returns how many had been for less than kSuspect.
  size_t TakeBefore(BootTime granted);

  absl::Duration shortest_;
  absl::Duration hold_;
  std::deque<BootTime> freed_;  // by time
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_LEFT_BEHIND_H_
