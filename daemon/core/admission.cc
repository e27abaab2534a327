// Who of an account's queue may be granted, when, and why not yet.
#include <algorithm>
#include <bit>
#include <utility>

#include "absl/strings/str_join.h"
#include "daemon/core/account.h"

namespace zbroker::core {

void Account::Advance(BootTime now, const WallClock& wall) {
  now_ = now;
  if (wall != wall_) {
    wall_ = wall;
    for (Window& window : windows_) window.SetWallClock(wall);
    hours_until_ = now;
  }
  if (now >= hours_until_) {
    limit.EnterHours(now, wall_);
    const absl::Time time = wall_.At(now);
    hours_until_ = wall_.BootAt(std::min(limit.NextHours(time), prices_.NextChange(time)));
    reprice_ = true;
  }
  limit.Advance(now);
  for (Window& window : windows_) window.Advance(now);
  // What was held until the reset must not arrive all at once.
  if (blocks.Advance(now)) pacer.SlowStart(now, limit.value());
  pacer.Advance(now);
  queue.Advance(now);
}

WaiterQueue::WindowSet Account::Lacking(const std::vector<Amount>& charges) const {
  WaiterQueue::WindowSet lacking = 0;
  for (size_t i = 0; i < windows_.size(); ++i) {
    if (!windows_[i].HasRoomFor(charges[i])) lacking |= WaiterQueue::WindowSet{1} << i;
  }
  return lacking;
}

bool Account::SessionIsFull(const Request& request) const {
  const int cap = config_.slots.per_session;
  return cap > 0 && queue.SlotsOf(request.session) >= cap;
}

bool Account::IsReserved(const Request& request, bool trial) const {
  return request.priority != Priority::kInteractive &&
         slots.OnlyForInteractive(limit.value() + (trial ? 1 : 0));
}

template <typename Body>
auto Account::WithAdmission(bool trial, Body body) const {
  const PoolSet full = slots.FullPools();
  const auto opens = [&](const Waiter& one) {
    return (one.pools & full) == 0 && (one.takes_throttles || !trial) &&
           !IsReserved(one.request, trial) && blocks.Match(one.request) == nullptr;
  };
  return body(
      WaiterQueue::Admission{.open = opens,
                             .may = [&](const Waiter& one) { return !SessionIsFull(one.request); },
                             .lacking = [&](const Waiter& one) { return Lacking(one.charges); }});
}

const Waiter* Account::Next(bool trial, WaiterQueue::WindowSet& contested) const {
  return WithAdmission(trial, [&](const WaiterQueue::Admission& admission) {
    return queue.Next(admission, contested);
  });
}

bool Account::NeedsOnlySlot(const Waiter& waiter) const {
  return blocks.Match(waiter.request) == nullptr && Lacking(waiter.charges) == 0;
}

bool Account::NeedsOnlyHost(const Waiter& waiter, const Lease& host) const {
  return (waiter.pools & slots.FullPools() & ~host.pools) == 0 &&
         blocks.Match(waiter.request) == nullptr &&
         Lacking(BeyondCredit(host, waiter.charges)) == 0;
}

bool Account::MayTakeSlot(const Lease& shadow) const {
  const bool fits = std::all_of(windows_.begin(), windows_.end(), [&](const Window& window) {
    const bool charged =
        std::any_of(shadow.charges.begin(), shadow.charges.end(),
                    [&](const Charge& charge) { return charge.window == window.config().name; });
    return !charged || window.config().enforce != Enforce::kHard ||
           window.used() <= window.config().limit;
  });
  return fits && (shadow.pools & slots.FullPools()) == 0 && !SessionIsFull(shadow.request) &&
         !IsReserved(shadow.request, false) && blocks.Match(shadow.request) == nullptr;
}

BootTime Account::RoomFor(const std::vector<Amount>& charges) const {
  BootTime room;
  for (size_t i = 0; i < windows_.size(); ++i) {
    if (windows_[i].HasRoomFor(charges[i])) continue;
    room = std::max(room, windows_[i].RoomAt(charges[i]));
  }
  return room;
}

BootTime Account::NextChance(absl::FunctionRef<const Lease*(LeaseId)> host) const {
  const auto ahead = [this](BootTime at) { return at > now_ ? at : BootTime::InfiniteFuture(); };
  BootTime next = std::min(ahead(hours_until_), limit.NextChange());
  const bool trial = MayTry();
  if (!HasFreeSlot() && !trial && children.empty()) return next;
  next = std::min({next, ahead(pacer.NextStart()), blocks.NextEnd()});
  const auto heads = WithAdmission(
      trial, [&](const WaiterQueue::Admission& admission) { return queue.Heads(admission); });
  for (const Waiter* head : heads) next = std::min(next, ahead(RoomFor(head->charges)));
  if (config_.shadow) {
    for (const Window& window : windows_) {
      next = std::min(next, window.NextRelease().value_or(BootTime::InfiniteFuture()));
    }
  }
  // Those who could be nested don't depend on order.
  for (const auto& [parent, waiters] : children) {
    const Lease* lease = host(parent);
    if (lease == nullptr) continue;
    for (const auto& [order, waiter] : waiters) {
      next = std::min(next, ahead(RoomFor(BeyondCredit(*lease, waiter->charges))));
    }
  }
  return next;
}

size_t Account::PositionOf(const Waiter& waiter) const {
  return queue.CountBefore(waiter, expected_hold()) + 1;
}

WaitState Account::Explain(const Waiter& waiter, size_t position) const {
  WaitState state;
  state.position = static_cast<uint32_t>(position);
  if (paused) {
    state.reason = WaitReason::kPaused;
    return state;
  }
  if (const Block* block = blocks.Match(waiter.request)) {
    state.reason = WaitReason::kBlocked;
    state.block = Describe(*block);
    state.until = block->until;
    state.estimate = block->until - now_;
    if (block->Refuses()) *state.estimate += StartPacer::AfterWall(position);
    return state;
  }
  for (size_t i = 0; i < windows_.size(); ++i) {
    if (windows_[i].HasRoomFor(waiter.charges[i])) continue;
    const Window& window = windows_[i];
    if (window.Exceeds(waiter.charges[i])) {
      // Beyond a limit that is probed: its turn comes when the lease ends that is there already.
      if (state.until) continue;
      state.reason = WaitReason::kWindow;
      state.window = window.config().name;
      state.estimate = mean_hold_;
      continue;
    }
    const BootTime room = window.RoomAt(waiter.charges[i]);
    if (state.until && *state.until >= room) continue;
    state.reason = WaitReason::kWindow;
    state.window = window.config().name;
    state.until = room;
    state.estimate = room - now_;
  }
  if (state.reason == WaitReason::kWindow) return state;
  if (!MayStart()) {
    state.reason = WaitReason::kPacing;
    state.until = pacer.NextStart();
    state.estimate = pacer.NextStart() - now_ + pacer.gap() * static_cast<int64_t>(position - 1);
    return state;
  } else if (const PoolSet full = waiter.pools & slots.FullPools(); full != 0) {
    state.reason = WaitReason::kPool;
    const PoolConfig& pool = slots.pool(static_cast<size_t>(std::countr_zero(full)));
    state.slot_limit = pool.limit;
    state.pool = absl::StrJoin(pool.models, ", ");
  } else if (SessionIsFull(waiter.request)) {
    state.reason = WaitReason::kSession;
    state.slot_limit = config_.slots.per_session;
  } else if (!HasFreeSlot()) {
    state.reason = WaitReason::kSlots;
    state.slot_limit = limit.value();
  } else if (IsReserved(waiter.request, false)) {
    state.reason = WaitReason::kReserved;
    state.slot_limit = limit.value();
  } else {
    ExplainOrder(waiter, state);
    return state;
  }
  if (!mean_hold_) return state;
  // Who has had a slot for long will, as likely as not, have it for as long again.
  const absl::Duration hold = std::max(*mean_hold_, slots.MeanAge(now_));
  state.estimate = hold * static_cast<double>(position) / limit.value();
  return state;
}

// A slot is free and the windows have room for it: somebody ahead needs more room in one.
void Account::ExplainOrder(const Waiter& waiter, WaitState& state) const {
  state.reason = WaitReason::kOrder;
  const auto heads = WithAdmission(
      false, [&](const WaiterQueue::Admission& admission) { return queue.Heads(admission); });
  for (const Waiter* head : heads) {
    const WaiterQueue::WindowSet lacking = Lacking(head->charges);
    for (size_t i = 0; i < windows_.size(); ++i) {
      if (waiter.charges[i] > Amount() && (lacking >> i & 1) != 0) {
        state.window = windows_[i].config().name;
      }
    }
  }
}

std::optional<absl::Duration> Account::ExpectedWait() const {
  if (paused || retired) return std::nullopt;
  Waiter newcomer;
  newcomer.charges = ChargesFor(newcomer.request, now_);
  if (queue.empty() && HasFreeSlot() && NeedsOnlySlot(newcomer) && MayStart()) {
    return absl::ZeroDuration();
  }
  return Explain(newcomer, queue.size() + 1).estimate;
}

}  // namespace zbroker::core
