// How a coroutine waits for any of several things: whoever changes something notifies, and the
// coroutine looks again at what it waits for.
#ifndef ZBROKER_SHIMS_LEASE_WAKEUP_H_
#define ZBROKER_SHIMS_LEASE_WAKEUP_H_

#include "shims/lease/asio.h"

namespace zbroker::lease {

// One coroutine waits; others of the same loop notify. Not thread-safe.
class Wakeup {
 public:
  static constexpr LoopTime kNever = LoopTime::max();

  explicit Wakeup(asio::io_context& io) : timer_(io) {}

  void Notify() {
    notified_ = true;
    timer_.cancel();
  }

  // Returns after the first Notify() since the last return, or at `until`. It may return early, so
  // that the caller has to look.
  awaitable<void> Wait(LoopTime until = kNever) {
    if (!notified_) {
      timer_.expires_at(until);
      co_await timer_.async_wait(kAwait);
    }
    notified_ = false;
  }

 private:
  asio::steady_timer timer_;
  bool notified_ = false;
};

}  // namespace zbroker::lease

#endif  // ZBROKER_SHIMS_LEASE_WAKEUP_H_
