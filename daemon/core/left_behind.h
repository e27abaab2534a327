// How long the slot of a request is kept whose client is gone, because it may still run upstream.
//
// The provider does not say when it gives up a request that nobody waits for any more. If one more
// than it serves is in flight, it refuses: so when a request is refused that was granted soon after
// such a slot was free again, and no more were in flight than are usually served, what was left
// behind still ran. Then such slots are kept twice as long from now on. When a request that took
// the last slot is served instead, nothing was left, and they are kept a quarter shorter, down to
// what is configured. A guess that is wrong, as the limit may have fallen at that very moment,
// costs one throttle more: what was left behind explains one refusal only.
//
// Who saw the upstream's own end of the connection, after the client's, knows more: the slot is
// free at once. What stands before the provider's models may end it though they are still at work;
// when a refusal is explained by such a slot, ends are not believed for a while, and the time
// counts again. Not thread-safe.
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
  // How long ends are not believed after one was shown to be none.
  static constexpr absl::Duration kDisbelief = absl::Hours(1);

  // What is configured: never shorter; and where it is zero, nothing is kept.
  void Configure(absl::Duration shortest);
  // How long the next slot is kept.
  absl::Duration hold() const { return hold_; }
  // Whether that is longer than is configured.
  bool has_grown() const { return hold_ > shortest_; }

  // A slot that was kept is free again, as its time was over or as the upstream's end was seen.
  void Freed(BootTime now) { Add({now, /*end_seen=*/false}); }
  void EndSeen(BootTime now) { Add({now, /*end_seen=*/true}); }
  bool BelievesEnds(BootTime now) const { return now >= disbelieved_until_; }
  // A request that was granted then, not beyond the limit, was refused as one too many. Returns
  // whether that is explained by what was left behind.
  bool Explains(BootTime granted, BootTime now);
  // A request that was granted then, and took the last slot of the limit, was served.
  void ServedAtLimit(BootTime granted);

 private:
  static constexpr size_t kMost = 64;

  struct Slot {
    BootTime freed;
    bool end_seen = false;
  };
  struct Suspects {
    bool any = false;
    bool end_seen = false;  // of one of them
  };

  void Add(Slot slot);
  // Takes out those that were free by then; what is left of them are those that had been for less
  // than kSuspect.
  Suspects TakeBefore(BootTime granted);

  absl::Duration shortest_;
  absl::Duration hold_;
  BootTime disbelieved_until_;
  std::deque<Slot> freed_;  // by time
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_LEFT_BEHIND_H_
