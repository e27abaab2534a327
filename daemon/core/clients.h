// Who is connected to the daemon and what they hold: leases, waiting Acquires, and the places of
// Acquires that are expected back. Every lease and waiter of every account lives here, and each
// index over them is kept by the same few functions, so that none can be forgotten.
//
// Not thread-safe.
#ifndef ZBROKER_DAEMON_CORE_CLIENTS_H_
#define ZBROKER_DAEMON_CORE_CLIENTS_H_

#include <compare>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/node_hash_map.h"
#include "absl/status/status.h"
#include "client/base/clock.h"
#include "daemon/core/lease.h"
#include "daemon/core/place_table.h"
#include "daemon/core/timer_queue.h"

namespace zbroker::core {

class Clients {
 public:
  // Leases and waiters of one transport connection.
  static constexpr size_t kConnectionShareMax = 4096;
  // Ends of leases that are remembered, to answer a release that is repeated.
  static constexpr size_t kEndedMax = 4096;

  struct Ended {
    uint32_t uid = 0;
    Outcome outcome = Outcome::kOk;
  };

  // --- Leases.

  // Leases are numbered from here on.
  void Recall(LeaseId last_lease);
  LeaseId last_lease() const { return last_lease_; }
  LeaseId NewLease() { return ++last_lease_; }

  // The lease keeps its address until it is closed. Its stream holds it, unless it lives by its
  // TTL; it is due at `lease.until`.
  Lease& Open(Lease lease);
  // nullptr: it is not open.
  Lease* FindLease(LeaseId id);
  const Lease* FindLease(LeaseId id) const;
  // The lease has ended, and what the reference refers to.
  void Close(LeaseId id, Outcome outcome);
  // As if it had never been opened.
  void Unopen(LeaseId id);
  std::optional<Ended> FindEnded(LeaseId id) const;

  // Hands the lease to another stream or process.
  void Attach(Lease& lease, const Client& client);
  // Nobody is there for it, as far as streams tell.
  void Detach(Lease& lease);
  // When Due() is to name it.
  void SetUntil(Lease& lease, BootTime until);

  // --- Waiters.

  // RESOURCE_EXHAUSTED when the connection holds and waits for as much as one may.
  absl::Status CheckShare(ConnectionId connection) const;
  // The waiter gets a number, unless it comes back with the one that it had, and keeps its address
  // until it is removed. It is due at its deadline.
  Waiter& Enter(Waiter waiter);
  Waiter* FindWaiter(WaiterId id);
  void Remove(WaiterId id);
  // The waiter's client asks again, on another stream.
  void Move(Waiter& waiter, const Client& client, BootTime deadline);
  // All of them, by their number.
  std::vector<WaiterId> Waiters() const;

  // --- Tickets.

  // What the ticket stands for: one of the two, or neither.
  struct Ticket {
    Waiter* waiter = nullptr;
    Lease* lease = nullptr;
  };
  Ticket Find(uint32_t uid, const std::string& ticket);

  // Those whose Acquire is expected back with its ticket.
  PlaceTable& places() { return places_; }
  const PlaceTable& places() const { return places_; }

  // --- Ends.

  struct Held {
    std::vector<LeaseId> leases;
    std::vector<WaiterId> waiters;
  };
  // What the stream held; it holds nothing any more.
  Held CloseStream(StreamId stream);
  std::vector<LeaseId> HeldBy(int32_t pid, uint64_t start_ticks) const;

  struct DueLease {
    LeaseId id = 0;
  };
  struct DueWaiter {
    WaiterId id = 0;
  };
  // Takes out what is due by `now`, the earliest first.
  std::optional<std::variant<DueLease, DueWaiter>> Due(BootTime now);
  BootTime NextDue() const { return timers_.Next(); }

 private:
  enum class TimerKind : uint8_t { kLease, kWaiter };
  struct TimerKey {
    TimerKind kind;
    uint64_t id;
    auto operator<=>(const TimerKey&) const = default;
    template <typename H>
    friend H AbslHashValue(H h, const TimerKey& key) {
      return H::combine(std::move(h), key.kind, key.id);
    }
  };
  using ProcessKey = std::pair<int32_t, uint64_t>;  // pid, start_ticks
  // Ordered sets, because what is done to all of them must happen in the same order every time.
  struct StreamContents {
    std::set<LeaseId> leases;
    std::set<WaiterId> waiters;
  };

  void Hold(const Lease& lease);
  void LetGo(const Lease& lease);
  void LeaveStream(const Waiter& waiter);
  void ShrinkShare(ConnectionId connection);

  absl::node_hash_map<LeaseId, Lease> leases_;
  absl::node_hash_map<WaiterId, Waiter> waiters_;
  LeaseId last_lease_ = 0;
  WaiterId last_waiter_ = 0;

  // Indices over the two above.
  absl::flat_hash_map<TicketKey, std::pair<WaiterId, LeaseId>> tickets_;  // one of the two is 0
  absl::flat_hash_map<StreamId, StreamContents> streams_;
  absl::flat_hash_map<ProcessKey, std::set<LeaseId>> holders_;
  absl::flat_hash_map<ConnectionId, size_t> shares_;
  TimerQueue<TimerKey> timers_;

  absl::flat_hash_map<LeaseId, Ended> ended_;
  std::deque<LeaseId> ended_order_;
  PlaceTable places_;
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_CLIENTS_H_
