// Tells those who follow the ledger's events that there are new ones. Thread-safe.
#ifndef ZBROKER_DAEMON_ENGINE_EVENT_HUB_H_
#define ZBROKER_DAEMON_ENGINE_EVENT_HUB_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "client/base/mutex.h"

namespace zbroker::engine {

class EventHub {
 public:
  // `wake` is called, on any thread, after a batch with events was recorded, until it is dropped:
  // the caller keeps the only lasting reference. It must be quick.
  using Wake = std::function<void()>;
  void Subscribe(const std::shared_ptr<Wake>& wake);

  void Notify();

 private:
  Mutex mutex_;
  std::map<uint64_t, std::weak_ptr<Wake>> wakes_ ABSL_GUARDED_BY(mutex_);
  uint64_t last_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace zbroker::engine

#endif  // ZBROKER_DAEMON_ENGINE_EVENT_HUB_H_
