// One subscription upstream: its slots, windows and queue. Not thread-safe.
#ifndef ZBROKER_DAEMON_CORE_ACCOUNT_H_
#define ZBROKER_DAEMON_CORE_ACCOUNT_H_

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
#include "daemon/core/waiter_queue.h"

namespace zbroker::core {

class Account {
 public:
  explicit Account(AccountConfig config);

  // Takes a new configuration. The windows start empty: the caller charges them anew, and inserts
  // the waiters again with charges computed anew.
  void Configure(AccountConfig config);

  const AccountConfig& config() const { return config_; }
  const std::string& name() const { return config_.name; }

  // What an administrator set.
  AccountSettings settings() const { return {name(), pinned_limit, paused}; }

  int slot_limit() const { return pinned_limit.value_or(config_.slots.limit); }
  // Open leases, whatever their state. There is no other counter.
  int in_flight() const { return static_cast<int>(open.size()); }
  bool HasFreeSlot() const { return !retired && in_flight() < slot_limit(); }

  std::vector<RollingWindow>& windows() { return windows_; }
  const std::vector<RollingWindow>& windows() const { return windows_; }

  // What a lease for the request takes from each window, in the windows' order.
  std::vector<Amount> ChargesFor(const Request& request) const;

  // FAILED_PRECONDITION when a charge can never fit into its window.
  absl::Status CheckFits(const std::vector<Amount>& charges) const;

  // Counts the charges at `at`, and returns them by name, without the zero ones.
  std::vector<Charge> AddCharges(BootTime at, const std::vector<Amount>& charges);
  void RemoveCharges(BootTime at, const std::vector<Charge>& charges);

  // Lets charges age out and blocks end.
  void Advance(BootTime now);

  // When a waiter that now lacks room in a window, or is blocked, may be granted at the earliest,
  // if slots and order allow.
  BootTime NextChance() const;

  // Why the waiter waits. REQUIRES: Advance(now), and that it can't be granted.
  WaitState Explain(const Waiter& waiter, size_t position, BootTime now) const;

  // Learns how long leases are held, for estimates.
  void ObserveHold(absl::Duration held);

  absl::flat_hash_set<LeaseId> open;
  WaiterQueue queue;
  Blocks blocks;
  Totals totals;
  std::optional<int> pinned_limit;
  bool paused = false;
  // No longer configured, but leases of it are open.
  bool retired = false;

 private:
  AccountConfig config_;
  std::vector<RollingWindow> windows_;
  std::optional<absl::Duration> mean_hold_;
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_ACCOUNT_H_
