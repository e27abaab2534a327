// A free slot and an admissible waiter never coexist after a batch.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/sim/history.h"

namespace zbroker::sim {

using core::Amount;

namespace {

Amount ChargeOf(const core::WaiterSnapshot& one, const core::WindowSnapshot& window) {
  const auto charge = std::ranges::find(one.charged, window.config.name, &core::Charge::window);
  return charge == one.charged.end() ? Amount() : charge->amount;
}

// Of a window that background work may use before anything of it has passed.
constexpr double kHeadStart = 0.02;

double Share(Amount part, Amount whole) {
  return static_cast<double>(part.micros()) / static_cast<double>(whole.micros());
}

bool IsPutOff(const core::WaiterSnapshot& one) {
  return one.state.reason == core::WaitReason::kPace ||
         one.state.reason == core::WaitReason::kOffPeak;
}

bool OpenExcess(const core::AccountSnapshot& account, const std::string& window) {
  return std::ranges::any_of(account.leases, [&](const core::LeaseSnapshot& lease) {
    return std::ranges::any_of(lease.charged, [&](const core::Charge& charge) {
      return charge.window == window && charge.excess;
    });
  });
}

// Whether `one` comes before `other`, whose turn it is only if it stands back behind nobody. A
// waiter is served by its session's turn, and by its rank.
bool IsAhead(const core::AccountSnapshot& account, const core::Waiter& one,
             const core::Waiter& other) {
  if (one.rank > other.rank) return false;
  for (const core::WaiterSnapshot& each : account.waiters) {
    if (&each.waiter == &other) return false;
    if (each.waiter.request.session == one.request.session && !each.waiter.client_gone()) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool History::IsHeldUp(const core::AccountSnapshot& account, const core::Waiter& waiter) const {
  return waiter.client_gone() ||
         ledger_.BlockAgainst(account.name, waiter.request, now_) != nullptr ||
         ledger_.IsPaused(account.name, waiter.request, waiter.client.holder, now_);
}

bool History::IsBarred(const core::AccountSnapshot& account, const core::AccountConfig& config,
                       const core::Waiter& waiter, int limit) const {
  if (IsHeldUp(account, waiter)) return true;
  int of_session = 0, not_interactive = 0;
  for (const core::Lease& lease : account.leases) {
    if (!HoldsSlot(lease)) continue;
    of_session += lease.request.session == waiter.request.session ? 1 : 0;
    not_interactive += lease.request.priority != core::Priority::kInteractive ? 1 : 0;
  }
  if (config.slots.per_session > 0 && of_session >= config.slots.per_session) return true;
  const int reserved = std::min(config.slots.reserve_interactive, limit - 1);
  if (waiter.request.priority != core::Priority::kInteractive &&
      not_interactive >= limit - reserved) {
    return true;
  }
  for (size_t i = 0; i < config.pools.size(); ++i) {
    if ((waiter.pools >> i & 1) != 0 && InPool(account, i) >= config.pools[i].limit) return true;
  }
  return GroupIsFull(account, waiter.group);
}

// Whether as many as the group's limit, which was learned or pinned, are open.
bool History::GroupIsFull(const core::AccountSnapshot& account, const std::string& group) {
  const core::KnownModelLimit* limit = LimitOf(account, group);
  return limit != nullptr && OfGroup(account, group) >= limit->limit;
}

bool History::IsPatient(const core::Waiter& waiter) const {
  return waiter.request.priority == core::Priority::kBackground && waiter.request.patience > now_;
}

// The windows that it charges and whose pace it has to keep.
std::set<size_t> History::Paced(const core::AccountSnapshot& account,
                                const core::WaiterSnapshot& one) {
  std::set<size_t> windows;
  for (size_t w = 0; w < account.windows.size(); ++w) {
    const core::WindowSnapshot& window = account.windows[w];
    const Amount charge = ChargeOf(one, window);
    const bool beyond = Share(window.used + charge, window.config.limit) > kHeadStart;
    if (window.config.pace && charge > Amount() && beyond) windows.insert(w);
  }
  return windows;
}

std::set<size_t> History::Lacking(const core::AccountSnapshot& account,
                                  const core::WaiterSnapshot& one) const {
  std::set<size_t> windows;
  for (size_t w = 0; w < account.windows.size(); ++w) {
    const core::WindowSnapshot& window = account.windows[w];
    const Amount charge = ChargeOf(one, window);
    if (charge == Amount() || window.config.enforce == core::Enforce::kOff) continue;
    const bool probed =
        window.config.enforce == core::Enforce::kProbe && !OpenExcess(account, window.config.name);
    if (ledger_.FullUntil(account.name, window.config) > now_) windows.insert(w);
    if (!probed && window.used + charge > window.config.limit) windows.insert(w);
  }
  return windows;
}

void History::CheckNothingAdmissible(const core::AccountSnapshot& account) {
  if (account.retired) return;
  const core::AccountConfig& config = ConfigOf(account.name);
  if (config.shadow) {
    EXPECT_TRUE(std::ranges::all_of(account.waiters, [&](const core::WaiterSnapshot& one) {
      return one.waiter.client_gone() ||
             ledger_.IsPaused(account.name, one.waiter.request, one.waiter.client.holder, now_);
    })) << "somebody waits in shadow mode";
    return;
  }
  const bool free = account.in_flight < account.slot_limit;
  // A trial beside leases whose clients report nothing would show nothing.
  const bool all_report = std::ranges::all_of(
      account.leases, [](const core::Lease& lease) { return !HoldsSlot(lease) || lease.reports; });
  const bool trial =
      account.in_flight == account.slot_limit && all_report && account.next_trial &&
      *account.next_trial <= now_ && !account.trial_under_way &&
      std::ranges::none_of(account.model_limits, &core::KnownModelLimit::trial_under_way);
  const int limit = account.slot_limit + (trial ? 1 : 0);
  const auto could_go = [&](const core::Waiter& waiter) {
    if (waiter.slotless) return !IsHeldUp(account, waiter);
    if (!(free || trial) || (trial && !waiter.takes_throttles)) return false;
    return !IsBarred(account, config, waiter, limit);
  };
  // Whose turn it would be, but for room in some windows, or for the pace of some.
  using WindowsOf = std::vector<std::pair<const core::Waiter*, std::set<size_t>>>;
  WindowsOf short_of_room, ahead;
  for (const core::WaiterSnapshot& one : account.waiters) {
    if (!could_go(one.waiter)) continue;
    std::set<size_t> lacking = Lacking(account, one);
    if (!lacking.empty()) short_of_room.emplace_back(&one.waiter, std::move(lacking));
    if (IsPatient(one.waiter)) ahead.emplace_back(&one.waiter, Paced(account, one));
  }
  for (const core::WaiterSnapshot& one : account.waiters) {
    if (!could_go(one.waiter) || !Lacking(account, one).empty()) continue;
    if (one.state.reason == core::WaitReason::kPacing && !one.waiter.slotless) {
      CheckPacing(account, one);
      continue;
    }
    if (IsPutOff(one)) {
      CheckPutOff(account, config, one);
      continue;
    }
    const auto stands_back_for_any_of = [&](const WindowsOf& others) {
      return std::ranges::any_of(others, [&](const auto& other) {
        return other.first != &one.waiter && IsAhead(account, *other.first, one.waiter) &&
               std::ranges::any_of(other.second, [&](size_t window) {
                 return ChargeOf(one, account.windows[window]) > Amount();
               });
      });
    };
    const bool stands_back = stands_back_for_any_of(short_of_room) ||
                             (IsPatient(one.waiter) && stands_back_for_any_of(ahead));
    EXPECT_TRUE(stands_back) << (trial ? "a trial is due" : "what it needs is free")
                             << " and an admissible waiter: " << one.waiter.request.ticket
                             << ", which is told: " << core::Describe(one.state);
  }
  for (const core::WaiterSnapshot& one : account.waiters) {
    CheckNotNestable(account, config, one);
    CheckReason(account, config, one);
  }
}

void History::CheckReason(const core::AccountSnapshot& account, const core::AccountConfig& config,
                          const core::WaiterSnapshot& one) const {
  using core::WaitReason;
  const core::Waiter& waiter = one.waiter;
  if (waiter.client_gone() || going_down_ || ledger_failed_) return;
  const bool paused = ledger_.IsPaused(account.name, waiter.request, waiter.client.holder, now_);
  const bool blocked = ledger_.BlockAgainst(account.name, waiter.request, now_) != nullptr;
  const WaitReason told = one.state.reason;
  const std::string who =
      absl::StrCat(waiter.request.ticket, ", which is told: ", core::Describe(one.state));
  EXPECT_EQ(told == WaitReason::kPaused, paused) << who;
  if (paused) return;
  EXPECT_EQ(told == WaitReason::kBlocked, blocked) << who;
  if (blocked) return;
  // In the slot of its host it is charged what that has not paid.
  const bool lacks = !Lacking(account, one).empty();
  if (told == WaitReason::kWindow) {
    EXPECT_TRUE(lacks) << who;
  }
  if (waiter.parent == 0) {
    EXPECT_EQ(told == WaitReason::kWindow, lacks) << who;
  }
  if (told == WaitReason::kSlots) {
    EXPECT_GE(account.in_flight, account.slot_limit) << who;
  }
  if (told == WaitReason::kPool) {
    bool full = GroupIsFull(account, waiter.group);
    for (size_t i = 0; i < config.pools.size(); ++i) {
      full |= (waiter.pools >> i & 1) != 0 && InPool(account, i) >= config.pools[i].limit;
    }
    EXPECT_TRUE(full) << who;
  }
  // Nothing but others keeps it: a slot, or a trial, is to be had.
  if (told == WaitReason::kOrder) {
    // Whoever takes throttles may go beyond its model's limit, to try it.
    if (!waiter.takes_throttles && !waiter.slotless) {
      EXPECT_FALSE(IsBarred(account, config, waiter, account.slot_limit)) << who;
      EXPECT_LT(account.in_flight, account.slot_limit) << who;
    }
    EXPECT_FALSE(one.state.window.empty()) << who;
  }
  if (told == WaitReason::kSession || told == WaitReason::kReserved) {
    EXPECT_TRUE(IsBarred(account, config, waiter, account.slot_limit)) << who;
  }
}

// Starts are spaced because the upstream asked for it, by so much at most, and the broker wakes for
// the next one.
void History::CheckPacing(const core::AccountSnapshot& account,
                          const core::WaiterSnapshot& one) const {
  const auto known = known_.find(account.name);
  EXPECT_TRUE(known != known_.end() && known->second.paced) << "paced for no reason";
  ASSERT_TRUE(one.state.until.has_value());
  EXPECT_GT(*one.state.until, now_) << one.waiter.request.ticket;
  EXPECT_LE(*one.state.until, now_ + core::StartPacer::kLongestInterval);
  EXPECT_LE(twins_.NextDeadline(), *one.state.until);
}

// Background work is put off for as long as it is patient: until as much of a window has passed as
// would be used with it, or until it is charged less.
void History::CheckPutOff(const core::AccountSnapshot& account, const core::AccountConfig& config,
                          const core::WaiterSnapshot& one) const {
  const std::string who = absl::StrCat(one.waiter.request.ticket, ": ", core::Describe(one.state));
  EXPECT_EQ(one.waiter.request.priority, core::Priority::kBackground) << who;
  EXPECT_GT(one.waiter.request.patience, now_) << who;
  ASSERT_TRUE(one.state.until.has_value()) << who;
  EXPECT_GT(*one.state.until, now_) << who;
  if (one.state.reason == core::WaitReason::kOffPeak) {
    EXPECT_TRUE(config.off_peak) << who;
    EXPECT_GT(one.state.weight, 0) << who;
    return;
  }
  const auto window = std::ranges::find(account.windows, one.state.window,
                                        [](const auto& each) { return each.config.name; });
  ASSERT_NE(window, account.windows.end()) << who;
  EXPECT_TRUE(window->config.pace) << who;
  ASSERT_TRUE(window->reset.has_value()) << who;
  EXPECT_LE(*one.state.until, *window->reset) << who;
  EXPECT_GT(Share(window->used + ChargeOf(one, *window), window->config.limit), kHeadStart) << who;
}

// Whoever has a parent that hosts nobody waits for no slot.
void History::CheckNotNestable(const core::AccountSnapshot& account,
                               const core::AccountConfig& config,
                               const core::WaiterSnapshot& one) const {
  const core::Request& request = one.waiter.request;
  if (one.waiter.client_gone() || one.state.reason == core::WaitReason::kBlocked) return;
  if (one.waiter.slotless) return;
  if (one.state.reason == core::WaitReason::kWindow) return;
  if (one.state.reason == core::WaitReason::kPaused) return;
  if (one.state.reason == core::WaitReason::kPacing || IsPutOff(one)) return;
  for (const core::Lease& lease : account.leases) {
    if (lease.id != request.parent || lease.client.holder.uid != one.waiter.client.holder.uid) {
      continue;
    }
    bool pool_full = lease.group != one.waiter.group && GroupIsFull(account, one.waiter.group);
    for (size_t i = 0; i < config.pools.size(); ++i) {
      pool_full |= (one.waiter.pools >> i & 1) != 0 && (lease.pools >> i & 1) == 0 &&
                   InPool(account, i) >= config.pools[i].limit;
    }
    EXPECT_TRUE(lease.guest != 0 || lease.slotless || pool_full ||
                lease.state == core::LeaseState::kQuarantined)
        << "its parent waits for it: " << request.ticket;
  }
}

}  // namespace zbroker::sim
