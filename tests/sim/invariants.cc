// What holds after every step of a history.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/sim/history.h"

namespace zbroker::sim {

using core::Amount;
using core::LeaseId;

void History::CheckInvariants() {
  for (const core::AccountSnapshot& account : broker_->TakeSnapshot(now_).accounts) {
    CheckInFlight(account);
    CheckCaps(account);
    CheckNothingAdmissible(account);
    CheckWindows(account);
    CheckBlocks(account);
  }
}

// A block stands against nobody who was granted in the batch that it is in: a grant is the last
// thing that a batch does.
void History::CheckGrantsOf(const core::Effects& effects) {
  for (const core::Record& record : effects.records) {
    const auto* opened = std::get_if<core::LeaseOpened>(&record);
    if (opened == nullptr) continue;
    if (ConfigOf(opened->request.account).shadow) continue;
    EXPECT_EQ(ledger_.BlockAgainst(opened->request.account, opened->request, now_), nullptr)
        << "a grant in spite of a block: " << opened->request.ticket;
  }
}

void History::CheckBlocks(const core::AccountSnapshot& account) {
  EXPECT_EQ(account.blocks.size(), ledger_.StandingBlocks(account.name, now_))
      << "status and ledger disagree";
  for (const core::WaiterSnapshot& one : account.waiters) {
    const core::Request& request = one.waiter.request;
    const core::Block* block = ledger_.BlockAgainst(account.name, request, now_);
    if (one.waiter.client_gone() || account.paused) continue;
    EXPECT_EQ(one.state.reason == core::WaitReason::kBlocked, block != nullptr) << request.ticket;
    if (block == nullptr || !block->Refuses()) continue;
    EXPECT_TRUE(one.waiter.hold_until_reset) << "waits at a wall unasked: " << request.ticket;
  }
}

void History::CheckInFlight(const core::AccountSnapshot& account) {
  std::vector<LeaseId> held;
  for (const core::Lease& lease : account.leases) held.push_back(lease.id);
  EXPECT_EQ(held, ledger_.OpenLeases(account.name)) << "status and ledger disagree";
  EXPECT_EQ(account.totals.granted, ledger_.TotalsOf(account.name).granted);
  EXPECT_EQ(account.totals.lost, ledger_.TotalsOf(account.name).lost);
  std::set<LeaseId> hosts;
  int slotless = 0;
  bool slot_granted = false;
  bool trial_granted = false;
  for (const core::Lease& lease : account.leases) {
    const bool has_slot = lease.host == 0 && !lease.shadow;
    slotless += has_slot ? 0 : 1;
    slot_granted |= has_slot && !lease.trial && granted_now_.contains(lease.id);
    trial_granted |= has_slot && lease.trial && granted_now_.contains(lease.id);
    if (lease.host == 0) continue;
    EXPECT_TRUE(hosts.insert(lease.host).second) << "two nested in lease " << lease.host;
    const auto host = ledger_.leases().find(lease.host);
    ASSERT_NE(host, ledger_.leases().end());
    EXPECT_FALSE(host->second.closed) << "nested in a lease that has ended";
    EXPECT_EQ(host->second.opened.holder.uid, lease.client.holder.uid);
  }
  EXPECT_EQ(account.in_flight, static_cast<int>(account.leases.size()) - slotless);
  // A lowered limit may leave more in flight, but then nothing gets a slot.
  if (slot_granted || trial_granted) {
    EXPECT_LE(account.in_flight, account.slot_limit + (trial_granted ? 1 : 0));
  }
}

// Pools, sessions and interactive work keep what is theirs in what was granted just now.
void History::CheckCaps(const core::AccountSnapshot& account) const {
  const core::AccountConfig& config = ConfigOf(account.name);
  if (config.shadow || account.retired) return;
  const auto holds_slot = [](const core::Lease& lease) { return lease.host == 0 && !lease.shadow; };
  const auto count = [&](auto matches) {
    return static_cast<int>(std::ranges::count_if(account.leases, [&](const core::Lease& lease) {
      return holds_slot(lease) && matches(lease.request);
    }));
  };
  const bool trial = std::ranges::any_of(account.leases, [&](const core::Lease& lease) {
    return lease.trial && granted_now_.contains(lease.id);
  });
  const int limit = account.slot_limit + (trial ? 1 : 0);
  for (const core::Lease& lease : account.leases) {
    if (!granted_now_.contains(lease.id)) continue;
    for (size_t i = 0; i < config.pools.size(); ++i) {
      if ((lease.pools >> i & 1) == 0) continue;
      if (lease.host != 0 && InPoolAlready(account, lease.host, i)) continue;
      EXPECT_LE(InPool(account, i), config.pools[i].limit) << "pool " << i;
    }
    if (!holds_slot(lease)) continue;
    EXPECT_TRUE(!lease.trial || lease.takes_throttles) << "a trial that a program will see";
    if (config.slots.per_session > 0) {
      EXPECT_LE(count([&](const auto& one) { return one.session == lease.request.session; }),
                config.slots.per_session);
    }
    if (lease.request.priority == core::Priority::kInteractive) continue;
    EXPECT_LE(count([](const auto& one) { return one.priority != core::Priority::kInteractive; }),
              limit - std::min(config.slots.reserve_interactive, limit - 1))
        << "reserved for interactive work";
  }
}

bool History::InPoolAlready(const core::AccountSnapshot& account, LeaseId host, size_t pool) {
  return std::ranges::any_of(account.leases, [&](const core::Lease& lease) {
    return lease.id == host && (lease.pools >> pool & 1) != 0;
  });
}

// How many of the leases count against the pool: those that are not nested in one that does.
int History::InPool(const core::AccountSnapshot& account, size_t pool) const {
  std::map<LeaseId, const core::Lease*> leases;
  for (const core::Lease& lease : account.leases) leases[lease.id] = &lease;
  int count = 0;
  for (const core::Lease& lease : account.leases) {
    const bool inside = (lease.pools >> pool & 1) != 0 && !lease.shadow;
    const bool hosted = lease.host != 0 && (leases.at(lease.host)->pools >> pool & 1) != 0;
    count += inside && !hosted ? 1 : 0;
  }
  return count;
}

// Whether a slot would not help the waiter, leaving windows and order aside.
bool History::IsBarred(const core::AccountSnapshot& account, const core::AccountConfig& config,
                       const core::Waiter& waiter) const {
  if (waiter.client_gone()) return true;
  if (ledger_.BlockAgainst(account.name, waiter.request, now_) != nullptr) return true;
  int of_session = 0, not_interactive = 0;
  for (const core::Lease& lease : account.leases) {
    if (lease.host != 0 || lease.shadow) continue;
    of_session += lease.request.session == waiter.request.session ? 1 : 0;
    not_interactive += lease.request.priority != core::Priority::kInteractive ? 1 : 0;
  }
  if (config.slots.per_session > 0 && of_session >= config.slots.per_session) return true;
  const int reserved = std::min(config.slots.reserve_interactive, account.slot_limit - 1);
  if (waiter.request.priority != core::Priority::kInteractive &&
      not_interactive >= account.slot_limit - reserved) {
    return true;
  }
  for (size_t i = 0; i < config.pools.size(); ++i) {
    if ((waiter.pools >> i & 1) != 0 && InPool(account, i) >= config.pools[i].limit) return true;
  }
  return false;
}

void History::CheckNothingAdmissible(const core::AccountSnapshot& account) {
  if (account.paused || account.retired) return;
  const core::AccountConfig& config = ConfigOf(account.name);
  if (config.shadow) {
    EXPECT_TRUE(std::ranges::all_of(account.waiters, [](const core::WaiterSnapshot& one) {
      return one.waiter.client_gone();
    })) << "somebody waits in shadow mode";
    return;
  }
  const auto charge_of = [&](const core::WaiterSnapshot& one, size_t window) {
    const auto charge =
        std::ranges::find(one.charged, account.windows[window].config.name, &core::Charge::window);
    return charge == one.charged.end() ? Amount() : charge->amount;
  };
  const auto lacking = [&](const core::WaiterSnapshot& one) {
    std::set<size_t> windows;
    for (size_t w = 0; w < account.windows.size(); ++w) {
      const auto& window = account.windows[w];
      const Amount charge = charge_of(one, w);
      if (charge == Amount() || window.config.enforce == core::Enforce::kOff) continue;
      const bool probed = window.config.enforce == core::Enforce::kProbe &&
                          !OpenExcess(account, window.config.name);
      if (!probed && window.used + charge > window.config.limit) windows.insert(w);
    }
    return windows;
  };
  std::set<size_t> contested;  // windows that somebody who could be granted lacks room in
  for (const core::WaiterSnapshot& one : account.waiters) {
    if (!IsBarred(account, config, one.waiter)) contested.merge(lacking(one));
  }
  for (const core::WaiterSnapshot& one : account.waiters) {
    if (account.in_flight >= account.slot_limit) break;
    if (one.state.reason == core::WaitReason::kPacing && *one.state.until > now_) break;
    if (IsBarred(account, config, one.waiter) || !lacking(one).empty()) continue;
    const bool stands_back = std::ranges::any_of(
        contested, [&](size_t window) { return charge_of(one, window) > Amount(); });
    EXPECT_TRUE(stands_back) << "a free slot and an admissible waiter: "
                             << one.waiter.request.ticket;
  }
  for (const core::WaiterSnapshot& one : account.waiters) CheckNotNestable(account, config, one);
}

// Whoever has a parent that hosts nobody waits for no slot.
void History::CheckNotNestable(const core::AccountSnapshot& account,
                               const core::AccountConfig& config,
                               const core::WaiterSnapshot& one) const {
  const core::Request& request = one.waiter.request;
  if (one.waiter.client_gone() || one.state.reason == core::WaitReason::kBlocked) return;
  if (one.state.reason == core::WaitReason::kWindow) return;
  if (one.state.reason == core::WaitReason::kPacing) return;
  for (const core::Lease& lease : account.leases) {
    if (lease.id != request.parent || lease.client.holder.uid != one.waiter.client.holder.uid) {
      continue;
    }
    bool pool_full = false;
    for (size_t i = 0; i < config.pools.size(); ++i) {
      pool_full |= (one.waiter.pools >> i & 1) != 0 && (lease.pools >> i & 1) == 0 &&
                   InPool(account, i) >= config.pools[i].limit;
    }
    EXPECT_TRUE(lease.guest != 0 || lease.state == core::LeaseState::kQuarantined || pool_full)
        << "its parent waits for it: " << request.ticket;
  }
}

const core::AccountConfig& History::ConfigOf(const std::string& account) const {
  static const core::AccountConfig kRetired;
  const auto found = std::ranges::find(config_.accounts, account, &core::AccountConfig::name);
  return found == config_.accounts.end() ? kRetired : *found;
}

bool History::OpenExcess(const core::AccountSnapshot& account, const std::string& window) const {
  return std::ranges::any_of(account.leases, [&](const core::LeaseSnapshot& lease) {
    return std::ranges::any_of(lease.charged, [&](const core::Charge& charge) {
      return charge.window == window && charge.excess;
    });
  });
}

void History::CheckWindows(const core::AccountSnapshot& account) {
  for (const core::WindowSnapshot& window : account.windows) {
    const core::WindowConfig& config = window.config;
    EXPECT_EQ(window.used, ledger_.Rebuilt(account.name, config, core::WallClock(), now_))
        << account.name << " " << config.name;
    if (config.kind == core::WindowKind::kRolling &&
        !ledger_.KnowsReset(account.name, config.name)) {
      EXPECT_EQ(window.used, ledger_.Used(account.name, config, now_))
          << account.name << " " << config.name;
    }
    // A new configuration may find more used than it allows, and a lease may turn out to have used
    // more than was expected, but then nothing is charged.
    const bool settles = config.unit == core::Unit::kTokens || config.unit == core::Unit::kCredits;
    if (config.enforce == core::Enforce::kHard && !settles && !ConfigOf(account.name).shadow &&
        charged_now_.contains({account.name, config.name})) {
      EXPECT_LE(window.used, config.limit);
    }
  }
}

}  // namespace zbroker::sim
