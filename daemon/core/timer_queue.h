// Instants at which things are due, at most one for each key. Not thread-safe.
#ifndef ZBROKER_DAEMON_CORE_TIMER_QUEUE_H_
#define ZBROKER_DAEMON_CORE_TIMER_QUEUE_H_

#include <optional>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "client/base/clock.h"

namespace zbroker::core {

template <typename Key>
class TimerQueue {
 public:
  // Replaces the key's instant. InfiniteFuture is never due.
  void Set(const Key& key, BootTime at) {
    Clear(key);
    if (at == BootTime::InfiniteFuture()) return;
    due_.emplace(at, key);
    at_.emplace(key, at);
  }

  void Clear(const Key& key) {
    const auto found = at_.find(key);
    if (found == at_.end()) return;
    due_.erase({found->second, key});
    at_.erase(found);
  }

  // Takes out the earliest key that is due by `now`.
  std::optional<Key> Pop(BootTime now) {
    if (due_.empty() || due_.begin()->first > now) return std::nullopt;
    const Key key = due_.begin()->second;
    Clear(key);
    return key;
  }

  BootTime Next() const { return due_.empty() ? BootTime::InfiniteFuture() : due_.begin()->first; }

 private:
  std::set<std::pair<BootTime, Key>> due_;
  absl::flat_hash_map<Key, BootTime> at_;
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_TIMER_QUEUE_H_
