// The places of those whom the upstream sent back, kept for a moment for the same ticket.
#ifndef ZBROKER_DAEMON_CORE_PLACE_TABLE_H_
#define ZBROKER_DAEMON_CORE_PLACE_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "client/base/clock.h"

namespace zbroker::core {

struct Place {
  BootTime arrival;
  uint32_t attempts = 0;  // made so far
};

// Holds a bounded number of places: the oldest makes room. Not thread-safe.
template <typename Key>
class PlaceTable {
 public:
  static constexpr size_t kMax = 4096;

  explicit PlaceTable(absl::Duration kept) : kept_(kept) {}

  void Keep(const Key& key, Place place, BootTime now) {
    Expire(now);
    if (order_.size() >= kMax) DropOldest();
    const BootTime until = now + kept_;
    places_.insert_or_assign(key, Entry{place, until});
    order_.emplace_back(until, key);
  }

  bool Has(const Key& key, BootTime now) {
    Expire(now);
    return places_.contains(key);
  }

  // Takes it out. Empty: there is none, or no longer.
  std::optional<Place> Take(const Key& key, BootTime now) {
    Expire(now);
    const auto found = places_.find(key);
    if (found == places_.end()) return std::nullopt;
    const Place place = found->second.place;
    places_.erase(found);
    return place;
  }

 private:
  struct Entry {
    Place place;
    BootTime until;
  };

  void Expire(BootTime now) {
    while (!order_.empty() && order_.front().first <= now) DropOldest();
  }

  void DropOldest() {
    const auto& [until, key] = order_.front();
    // The key may have been taken, and kept again, since.
    const auto found = places_.find(key);
    if (found != places_.end() && found->second.until == until) places_.erase(found);
    order_.pop_front();
  }

  const absl::Duration kept_;
  absl::flat_hash_map<Key, Entry> places_;
  std::deque<std::pair<BootTime, Key>> order_;  // by time; some have been taken
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_PLACE_TABLE_H_
