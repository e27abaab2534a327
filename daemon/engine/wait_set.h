// What the engine's thread sleeps on: new input, an instant of the boot clock, and the end of
// processes that hold leases.
//
// The timer is a timerfd on CLOCK_BOOTTIME, so an instant that passes while the machine is
// suspended is noticed on resume.
#ifndef ZBROKER_DAEMON_ENGINE_WAIT_SET_H_
#define ZBROKER_DAEMON_ENGINE_WAIT_SET_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "client/base/clock.h"
#include "client/base/fd.h"
#include "daemon/core/command.h"

namespace zbroker::engine {

class WaitSet {
 public:
  static absl::StatusOr<WaitSet> Create();

  // Thread-safe: makes the present or the next Wait return.
  void Wake();

  // Blocks until there is something to collect: the deadline, a Wake(), or the end of a watched
  // process. Not at the same time as another Wait; the rest may go on meanwhile.
  void Wait();

  // The rest is for one thread at a time.

  // When Wait has to return at the latest.
  void SetDeadline(BootTime deadline);

  struct Ended {
    core::HolderExited process;
    // An open lease of it under which it may have run a command: it was a zlease, or ended before
    // that could be seen. 0: none.
    core::LeaseId wrapped = 0;
  };

  // Reports the process when it ends; at once, if it already has. One that can't be watched (its
  // pid is 0, or the kernel knows no pidfds) is never reported: its stream's end has to tell.
  // `lease` is one that it holds.
  void Watch(const core::Holder& holder, core::LeaseId lease);

  // The lease is not open any more.
  void Closed(core::LeaseId lease);

  // Takes note of everything that made Wait return. Returns the processes that have ended.
  std::vector<Ended> Collect();

 private:
  using ProcessKey = std::pair<int32_t, uint64_t>;  // pid, start_ticks

  WaitSet() = default;

  Fd epoll_;
  Fd wake_;
  Fd timer_;
  BootTime timer_set_to_ = BootTime::InfiniteFuture();
  struct Watched {
    Fd pidfd;
    core::LeaseId wrapped = 0;
  };
  absl::flat_hash_map<ProcessKey, Watched> watched_;
  absl::flat_hash_map<int, ProcessKey> by_fd_;
  absl::flat_hash_map<core::LeaseId, ProcessKey> by_wrapped_;
  std::vector<Ended> already_ended_;
};

}  // namespace zbroker::engine

#endif  // ZBROKER_DAEMON_ENGINE_WAIT_SET_H_
