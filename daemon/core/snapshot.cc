#include "daemon/core/snapshot.h"

#include <algorithm>
#include <map>

#include "daemon/core/broker.h"

namespace zbroker::core {
namespace {

constexpr Amount kSmallestCharge = Amount::FromMicros(1'000'000);

WindowSnapshot Take(const Window& window) {
  return {.config = window.config(),
          .used = window.used(),
          .next_release = window.NextRelease(),
          .exhausted = !window.HasRoomFor(kSmallestCharge),
          .reset = window.reset(),
          .runs_out = window.RunsOut()};
}

}  // namespace

Snapshot Broker::TakeSnapshot(BootTime now) const {
  Snapshot snapshot;
  snapshot.at = now;
  snapshot.ledger_error = ledger_error_;
  for (const auto& [name, account] : accounts_) {
    AccountSnapshot one;
    one.name = name;
    one.slot_limit = account.limit.value();
    one.slots = account.config().slots;
    one.source = account.limit.source();
    one.shadow = account.config().shadow;
    for (size_t i = 0; i < account.slots.pools(); ++i) {
      one.pools.push_back({account.slots.pool(i), account.slots.taken_in_pool(i)});
    }
    one.configured_limit = account.limit.configured();
    one.known_limits = account.limit.Known();
    one.next_trial = account.limit.NextTrial(now);
    one.trial_under_way = account.limit.TrialUnderWay();
    one.start_interval = account.pacer.interval();
    one.wait = account.ExpectedWait();
    one.in_flight = account.slots.taken();
    one.pinned = account.limit.pinned().has_value();
    one.paused = account.paused;
    one.retired = account.retired;
    one.totals = account.totals;
    one.blocks = account.blocks.Standing();
    for (const Window& window : account.windows()) one.windows.push_back(Take(window));
    for (const LeaseId id : account.open) one.leases.push_back(leases_.at(id));
    size_t position = 0;
    for (const Waiter* waiter : account.InOrder()) {
      one.waiters.push_back({*waiter, account.Explain(*waiter, ++position)});
    }
    snapshot.accounts.push_back(std::move(one));
  }
  std::map<QueueOrder, const Waiter*> gone;
  for (const auto& [id, waiter] : waiters_) {
    if (waiter.client_gone()) gone[waiter.order] = &waiter;
  }
  for (const auto& [order, waiter] : gone) {
    for (AccountSnapshot& one : snapshot.accounts) {
      if (one.name == waiter->request.account) one.waiters.push_back({*waiter, {}});
    }
  }
  std::stable_sort(snapshot.accounts.begin(), snapshot.accounts.end(),
                   [&](const AccountSnapshot& a, const AccountSnapshot& b) {
                     return (a.name == config_.default_account) >
                            (b.name == config_.default_account);
                   });
  return snapshot;
}

}  // namespace zbroker::core
