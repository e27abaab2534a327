// The places of Acquires that are expected back with their tickets: of waiters whose client has
// vanished, and of leases that the upstream has sent back. Each is kept for a moment.
#ifndef ZBROKER_DAEMON_CORE_PLACE_TABLE_H_
#define ZBROKER_DAEMON_CORE_PLACE_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "client/base/clock.h"
#include "daemon/core/lease.h"

namespace zbroker::core {

// What names an Acquire: its uid, and its ticket.
using TicketKey = std::pair<uint32_t, std::string>;

// Holds a bounded number of places, whoever left them: the oldest makes room. Not thread-safe.
class PlaceTable {
 public:
  static constexpr size_t kMax = 4096;
  static constexpr absl::Duration kKept = absl::Seconds(5);

  // Keeps the place for kKept, but not beyond the waiter's deadline. The waiter is as it is to be
  // entered again: `attempt` is that of the next one.
  void Keep(Waiter waiter, BootTime now);

  bool Has(const TicketKey& key, BootTime now) const;
  // Takes it out. Empty: there is none, or no longer.
  std::optional<Waiter> Take(const TicketKey& key, BootTime now);

  // Of one account. One that ends before its time, by its deadline, may still be counted.
  size_t CountOf(const std::string& account, BootTime now);

  // Of those whose client has vanished, by arrival.
  std::vector<const Waiter*> Vanished(const std::string& account, BootTime now) const;

 private:
  using Sequence = uint64_t;
  struct Entry {
    TicketKey key;
    Waiter waiter;
    BootTime until;
  };

  void Drop(std::map<Sequence, Entry>::iterator entry);
  void Expire(BootTime now);

  std::map<Sequence, Entry> entries_;  // the oldest first
  absl::flat_hash_map<TicketKey, Sequence> by_ticket_;
  absl::flat_hash_map<std::string, std::set<Sequence>> by_account_;  // none empty
  Sequence last_ = 0;
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_PLACE_TABLE_H_
