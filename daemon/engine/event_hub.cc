#include "daemon/engine/event_hub.h"

#include <utility>
#include <vector>

namespace zbroker::engine {

void EventHub::Subscribe(const std::shared_ptr<Wake>& wake) {
  MutexLock lock(mutex_);
  wakes_.emplace(++last_, wake);
}

void EventHub::Notify() {
  std::vector<std::shared_ptr<Wake>> awake;
  {
    MutexLock lock(mutex_);
    for (auto one = wakes_.begin(); one != wakes_.end();) {
      if (auto wake = one->second.lock()) {
        awake.push_back(std::move(wake));
        ++one;
      } else {
        one = wakes_.erase(one);
      }
    }
  }
  for (const auto& wake : awake) (*wake)();
}

}  // namespace zbroker::engine
