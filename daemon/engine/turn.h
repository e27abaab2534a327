// The right to run batches: one thread at a time has it.
#ifndef ZBROKER_DAEMON_ENGINE_TURN_H_
#define ZBROKER_DAEMON_ENGINE_TURN_H_

#include <atomic>

#include "absl/base/thread_annotations.h"

namespace zbroker::engine {

// Unlike a mutex it may be asked for in vain, by a thread that then has nothing to wait for:
// whoever has the turn looks for more to do when it leaves. Thread-safe; not fair.
class ABSL_LOCKABLE Turn {
 public:
  // False at once when some thread, this one included, has it.
  bool TryTake() ABSL_EXCLUSIVE_TRYLOCK_FUNCTION(true) { return !taken_.exchange(true); }

  // Waits for it. REQUIRES: this thread does not have it.
  void Take() ABSL_EXCLUSIVE_LOCK_FUNCTION() {
    while (taken_.exchange(true)) taken_.wait(true);
  }

  void Leave() ABSL_UNLOCK_FUNCTION() {
    taken_.store(false);
    taken_.notify_one();
  }

 private:
  std::atomic<bool> taken_{false};
};

}  // namespace zbroker::engine

#endif  // ZBROKER_DAEMON_ENGINE_TURN_H_
