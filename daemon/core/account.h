// One subscription upstream: its slots, windows and queue, and who of the queue may be granted. Not
// thread-safe.
#ifndef ZBROKER_DAEMON_CORE_ACCOUNT_H_
#define ZBROKER_DAEMON_CORE_ACCOUNT_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "daemon/core/blocks.h"
#include "daemon/core/config.h"
#include "daemon/core/event.h"
#include "daemon/core/record.h"
#include "daemon/core/rolling_window.h"
#include "daemon/core/slots.h"
#include "daemon/core/waiter_queue.h"

namespace zbroker::core {

class Account {
 public:
  Account(AccountConfig config, absl::Duration age_after);

  // Takes a new configuration. The windows start empty, the slots free: the caller charges and puts
  // them anew, and inserts the waiters again with charges and pools computed anew.
  void Configure(AccountConfig config, absl::Duration age_after);

  const AccountConfig& config() const { return config_; }
  const std::string& name() const { return config_.name; }

  // What an administrator set.
  AccountSettings settings() const { return {name(), pinned_limit, paused}; }

  int slot_limit() const { return pinned_limit.value_or(config_.slots.limit); }
  bool HasFreeSlot() const { return !retired && slots.taken() < slot_limit(); }

  std::vector<RollingWindow>& windows() { return windows_; }
  const std::vector<RollingWindow>& windows() const { return windows_; }

  // The priority of an Acquire that names none.
  Priority PriorityFor(const Request& request, const std::string& program, bool background) const;

  // What a lease for the request takes from each window, in the windows' order.
  std::vector<Amount> ChargesFor(const Request& request) const;

  // FAILED_PRECONDITION when a charge can never fit into its window.
  absl::Status CheckFits(const std::vector<Amount>& charges) const;

  // Counts the charges at `at`, and returns them by name, without the zero ones.
  std::vector<Charge> AddCharges(BootTime at, const std::vector<Amount>& charges);
  void RemoveCharges(BootTime at, const std::vector<Charge>& charges);

  // Lets charges age out, blocks end and waiters rise.
  void Advance(BootTime now);

  // Who is granted next, if a slot is free; nullptr: nobody may be. See WaiterQueue::Next.
  const Waiter* Next(WaiterQueue::WindowSet& contested) const;
  // Whether nothing but a slot stands between the waiter and its grant.
  bool NeedsOnlySlot(const Waiter& waiter) const;

  // When somebody who now lacks room in a window, or is blocked, may be granted at the earliest, if
  // slots and order allow.
  BootTime NextChance() const;

  // Why the waiter waits. REQUIRES: Advance(now), and that it can't be granted.
  WaitState Explain(const Waiter& waiter, size_t position, BootTime now) const;
  // The waiter's place in the queue, 1 for the next; and all waiters by their place.
  size_t PositionOf(const Waiter& waiter) const;
  std::vector<Waiter*> InOrder() const { return queue.InOrder(expected_hold()); }

  // Learns how long leases are held.
  void ObserveHold(absl::Duration held);
  // What is expected of the next one.
  absl::Duration expected_hold() const;

  absl::flat_hash_set<LeaseId> open;  // every open lease
  Slots slots;                        // those of them that hold one
  WaiterQueue queue;
  // The waiters whose parent is an open lease, by that.
  std::map<LeaseId, std::map<QueueOrder, const Waiter*>> children;
  Blocks blocks;
  Totals totals;
  std::optional<int> pinned_limit;
  bool paused = false;
  // No longer configured, but leases of it are open.
  bool retired = false;

 private:
  // Calls `body` with the queue's Admission.
  template <typename Body>
  auto WithAdmission(Body body) const;
  bool SessionIsFull(const Waiter& waiter) const;
  bool IsReserved(const Waiter& waiter) const;
  WaiterQueue::WindowSet Lacking(const Waiter& waiter) const;
  BootTime RoomFor(const Waiter& waiter) const;
  void ExplainOrder(const Waiter& waiter, WaitState& state) const;

  AccountConfig config_;
  std::vector<RollingWindow> windows_;
  std::optional<absl::Duration> mean_hold_;
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_ACCOUNT_H_
