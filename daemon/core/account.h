// One subscription upstream: its slots, windows and queue, and who of the queue may be granted. Not
// thread-safe.
#ifndef ZBROKER_DAEMON_CORE_ACCOUNT_H_
#define ZBROKER_DAEMON_CORE_ACCOUNT_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "daemon/core/blocks.h"
#include "daemon/core/config.h"
#include "daemon/core/event.h"
#include "daemon/core/prices.h"
#include "daemon/core/record.h"
#include "daemon/core/slot_limit.h"
#include "daemon/core/slots.h"
#include "daemon/core/start_pacer.h"
#include "daemon/core/waiter_queue.h"
#include "daemon/core/wall_clock.h"
#include "daemon/core/window.h"

namespace zbroker::core {

class Account {
 public:
  Account(AccountConfig config, absl::Duration age_after);

  // Takes a new configuration. The windows start empty, the slots free: the caller charges and puts
  // them anew, and inserts the waiters again.
  void Configure(AccountConfig config, absl::Duration age_after);

  const AccountConfig& config() const { return config_; }
  const std::string& name() const { return config_.name; }

  // What an administrator set.
  AccountSettings settings() const { return {name(), limit.pinned(), paused}; }

  bool HasFreeSlot() const { return !retired && slots.taken() < limit.value(); }
  // Whether a slot beyond the limit may be tried.
  bool MayTry() const { return !retired && slots.taken() == limit.value() && limit.MayTry(); }

  std::vector<Window>& windows() { return windows_; }
  const std::vector<Window>& windows() const { return windows_; }
  Window* FindWindow(const std::string& name);

  // The priority of an Acquire that names none.
  // `programs`: who asks, and on whose behalf; empty ones are nobody.
  Priority PriorityFor(const Request& request, const std::vector<std::string>& programs,
                       bool background) const;

  // charges.cc

  // What a lease for the request takes from each window now, in the windows' order.
  std::vector<Amount> ChargesFor(const Request& request, BootTime now) const;
  // FAILED_PRECONDITION when a charge can never fit into its window, and would be waited for.
  absl::Status CheckFits(const std::vector<Amount>& charges) const;
  // What is left of a nested lease's charges after what its host was charged for it already.
  std::vector<Amount> BeyondCredit(const Lease& host, std::vector<Amount> charges) const;
  // Counts the charges at `at`, and returns them by name, without the zero ones.
  std::vector<Charge> AddCharges(BootTime at, const std::vector<Amount>& charges);
  // Of a lease that ends: what it has begun beyond a limit is over, and, if the charges are to be
  // taken back, so are they.
  void EndCharges(const Lease& lease, bool take_back);
  // Brings the charges of a lease that ends in line with what it used, and learns from that.
  void Settle(const Lease& lease, const TokenUsage& usage, LeaseClosed& closed);
  // After the windows were filled anew: whether what the lease charged went beyond a limit is not
  // remembered, so it counts as if it did.
  void MarkExcess(Lease& lease);
  // The upstream has told when windows are reset that limit the lease: see the definition.
  void LearnReset(const Lease& lease, BootTime reset, std::optional<absl::Duration> length);
  // Windows whose known_reset() has changed since the last call.
  std::vector<ResetKnown> TakeResets();
  void RestoreReset(const ResetKnown& known);

  // admission.cc

  // Lets charges age out, blocks end, waiters rise, and the hours change.
  void Advance(BootTime now, const WallClock& wall);
  // Since the last call the hours have changed that weights go by: waiters' charges may be others.
  bool TakeReprice() { return std::exchange(reprice_, false); }

  // Who is granted next, on a slot that is free, or, if `trial`, on one beyond the limit; nullptr:
  // nobody may be. See WaiterQueue::Next.
  const Waiter* Next(bool trial, WaiterQueue::WindowSet& contested) const;
  // Whether nothing but a slot stands between the waiter and its grant.
  bool NeedsOnlySlot(const Waiter& waiter) const;
  // Whether the waiter can be nested in the lease, if that can host it.
  bool NeedsOnlyHost(const Waiter& waiter, const Lease& host) const;
  // Whether, if a slot is free, an open lease that goes without could have it: as a waiter, but for
  // order, and with its charges made.
  bool MayTakeSlot(const Lease& shadow) const;
  bool MayStart() const { return pacer.MayStart(now_); }
  bool MayStartNested() const { return pacer.MayStartNested(now_); }
  // When somebody who now waits for something else than a slot may be granted at the earliest.
  // `host` finds a lease that has children among the waiters, nullptr if it can't host any now.
  BootTime NextChance(absl::FunctionRef<const Lease*(LeaseId)> host) const;

  // Why the waiter waits. REQUIRES: that it can't be granted.
  WaitState Explain(const Waiter& waiter, size_t position) const;
  // The waiter's place in the queue, 1 for the next; and all waiters by their place.
  size_t PositionOf(const Waiter& waiter) const;
  std::vector<Waiter*> InOrder() const { return queue.InOrder(expected_hold()); }
  // How long a new prompt of normal priority would wait; empty: not known.
  std::optional<absl::Duration> ExpectedWait() const;

  // Learns how long leases are held.
  void ObserveHold(absl::Duration held);
  // What is expected of the next one.
  absl::Duration expected_hold() const;

  std::set<LeaseId> open;  // every open lease
  Slots slots;             // those of them that hold one
  SlotLimit limit;
  StartPacer pacer;
  WaiterQueue queue;
  // The waiters whose parent is an open lease, by that.
  std::map<LeaseId, std::map<QueueOrder, const Waiter*>> children;
  Blocks blocks;
  Totals totals;
  bool paused = false;
  // No longer configured, but leases of it are open.
  bool retired = false;

 private:
  // Calls `body` with the queue's Admission.
  template <typename Body>
  auto WithAdmission(bool trial, Body body) const;
  bool SessionIsFull(const Request& request) const;
  bool IsReserved(const Request& request, bool trial) const;
  WaiterQueue::WindowSet Lacking(const std::vector<Amount>& charges) const;
  BootTime RoomFor(const std::vector<Amount>& charges) const;
  void ExplainOrder(const Waiter& waiter, WaitState& state) const;

  AccountConfig config_;
  std::vector<Window> windows_;
  std::vector<std::optional<BootTime>> recorded_resets_;  // by window
  Prices prices_;
  std::optional<absl::Duration> mean_hold_;
  BootTime now_;
  WallClock wall_;
  BootTime hours_until_;  // before it neither weights nor schedules change
  bool reprice_ = false;
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_ACCOUNT_H_
