// What each waiter has been told of its place, and when it is worth telling it again.
//
// Everybody's position moves with each grant, so who stands far behind is told of that only when
// its position has halved; the first few are told exactly. Whatever else changes in the reason why
// one waits is always told. Not thread-safe.
#ifndef ZBROKER_DAEMON_CORE_PROGRESS_H_
#define ZBROKER_DAEMON_CORE_PROGRESS_H_

#include <cstdint>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "client/base/clock.h"
#include "daemon/core/event.h"
#include "daemon/core/lease.h"

namespace zbroker::core {

class Progress {
 public:
  // How often waiters are looked at.
  static constexpr absl::Duration kInterval = absl::Seconds(1);
  // Positions that are told exactly.
  static constexpr uint32_t kExact = 20;

  // When to look at those who were told something; InfiniteFuture() without any.
  BootTime next_look() const { return told_.empty() ? BootTime::InfiniteFuture() : next_look_; }
  void Looked(BootTime now) { next_look_ = now + kInterval; }

  // The waiter is told this.
  void Tell(WaiterId waiter, const WaitState& state, BootTime now);
  // Whether it has been told anything, and of this should be told too.
  bool IsWorthTelling(WaiterId waiter, const WaitState& state) const;
  void Forget(WaiterId waiter) { told_.erase(waiter); }

 private:
  absl::flat_hash_map<WaiterId, WaitState> told_;
  BootTime next_look_;
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_PROGRESS_H_
