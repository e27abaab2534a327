// Who of an account's queue may be granted, when, and why not yet.
#include <algorithm>
#include <bit>
#include <utility>

#include "absl/strings/str_join.h"
#include "daemon/core/account.h"

namespace zbroker::core {

std::optional<Quota::Deferral> Account::Deferred(const Waiter& waiter) const {
  if (!waiter.patient) return std::nullopt;
  return quota_.Defer(waiter.request, waiter.charges, /*made=*/false);
}

std::optional<Quota::Deferral> Account::Deferred(const Lease& shadow) const {
  if (!IsPatient(shadow.request)) return std::nullopt;
  return quota_.Defer(shadow.request, shadow.charges, /*made=*/true);
}

bool Account::SessionIsFull(const Request& request) const {
  const int cap = config_.slots.per_session;
  return cap > 0 && queue_.SlotsOf(request.session) >= cap;
}

// Calls `body` with the queue's Admission.
template <typename Body>
auto Account::WithAdmission(Capacity::Offer offer, Body body) const {
  const PoolSet full = capacity_.FullPools();
  const auto opens = [&](const Waiter& one) {
    return !one.paused && (one.pools & full) == 0 &&
           capacity_.IsOpen(one.group, offer, one.takes_throttles) &&
           !capacity_.IsReserved(one.request, offer) &&
           upstream_.Blocking(one.request) == nullptr && !Deferred(one);
  };
  return body(WaiterQueue::Admission{
      .open = opens,
      .may = [&](const Waiter& one) { return !SessionIsFull(one.request); },
      .lacking = [&](const Waiter& one) { return quota_.Lacking(one.charges); }});
}

const Waiter* Account::Next(Capacity::Offer offer) const {
  return WithAdmission(
      offer, [&](const WaiterQueue::Admission& admission) { return queue_.Next(admission); });
}

bool Account::NeedsOnlySlot(const Waiter& waiter) const {
  return !waiter.paused && upstream_.Blocking(waiter.request) == nullptr &&
         quota_.Lacking(waiter.charges) == 0;
}

bool Account::NeedsOnlyHost(const Waiter& waiter, const Lease& host) const {
  return !waiter.paused && (waiter.pools & capacity_.FullPools() & ~host.pools) == 0 &&
         (waiter.group == host.group ||
          capacity_.OfGroup(waiter.group) == Capacity::Offer::kSlot) &&
         upstream_.Blocking(waiter.request) == nullptr &&
         quota_.Lacking(nesting_.BeyondCredit(host, waiter.charges)) == 0;
}

bool Account::MayTakeSlot(const Lease& shadow) const {
  return !IsPaused(shadow.request, shadow.client.holder) && quota_.FitWithin(shadow.charges) &&
         (shadow.pools & capacity_.FullPools()) == 0 &&
         capacity_.OfGroup(shadow.group) == Capacity::Offer::kSlot &&
         !SessionIsFull(shadow.request) &&
         !capacity_.IsReserved(shadow.request, Capacity::Offer::kSlot) &&
         upstream_.Blocking(shadow.request) == nullptr && !Deferred(shadow);
}

// When somebody who now waits for something else than a slot may be granted at the earliest, if
// neither hours nor limit change.
BootTime Account::NextChance() const {
  const auto ahead = [this](BootTime at) { return at > now_ ? at : BootTime::InfiniteFuture(); };
  const Capacity::Offer offer = retired_ ? Capacity::Offer::kNone : capacity_.Slot();
  if (offer == Capacity::Offer::kNone && nesting_.empty()) return BootTime::InfiniteFuture();
  BootTime next =
      std::min({ahead(capacity_.NextStart()), upstream_.NextEnd(), ahead(queue_.NextRise())});
  const auto heads = WithAdmission(
      offer, [&](const WaiterQueue::Admission& admission) { return queue_.Heads(admission); });
  // As soon as one of the windows has room, those who stood back for that one alone may be next.
  for (const Waiter* head : heads) next = std::min(next, ahead(quota_.NextRoom(head->charges)));
  if (!patience_.empty()) next = std::min(next, patience_.begin()->first);
  for (const Waiter* front : queue_.Fronts()) {
    if (const auto deferral = Deferred(*front)) next = std::min(next, ahead(deferral->until));
  }
  if (config_.shadow) next = std::min({next, quota_.NextRelease(), NextOfShadows()});
  // Those who could be nested don't depend on order.
  for (const Nesting::Family& family : nesting_.Families()) {
    for (const Waiter* waiter : family.children) {
      const Charges charges = nesting_.BeyondCredit(*family.host, waiter->charges);
      next = std::min(next, ahead(quota_.RoomAt(charges)));
    }
  }
  return next;
}

BootTime Account::NextOfShadows() const {
  BootTime next = BootTime::InfiniteFuture();
  for (const LeaseId id : open_) {
    const Lease& lease = *clients_.FindLease(id);
    const auto deferral = lease.shadow ? Deferred(lease) : std::nullopt;
    if (deferral) next = std::min(next, deferral->until);
  }
  return next;
}

size_t Account::PositionOf(const Waiter& waiter) const {
  return queue_.CountBefore(waiter, ExpectedHold()) + 1;
}

WaitState Account::Explain(const Waiter& waiter, size_t position) const {
  WaitState state;
  state.position = static_cast<uint32_t>(position);
  if (const auto pause = pauses_.Find(waiter.request, waiter.client.holder)) {
    state.reason = WaitReason::kPaused;
    state.paused = DescribePause(pause->part);
    if (pause->until != BootTime::InfiniteFuture()) {
      state.until = pause->until;
      state.estimate = pause->until - now_;
    }
  } else if (const Block* block = upstream_.Blocking(waiter.request)) {
    state.reason = WaitReason::kBlocked;
    state.block = Describe(*block);
    state.until = block->until;
    state.estimate = block->until - now_;
    if (block->Refuses()) *state.estimate += StartPacer::AfterWall(position);
  } else if (const auto lack = quota_.Explain(waiter.charges)) {
    state.reason = WaitReason::kWindow;
    state.window = lack->window;
    state.until = lack->room;
    // Beyond a limit that is probed its turn comes when the lease ends that is there already.
    state.estimate = lack->room ? std::optional(*lack->room - now_) : mean_hold_;
  } else if (const auto deferral = Deferred(waiter)) {
    state.reason = deferral->window.empty() ? WaitReason::kOffPeak : WaitReason::kPace;
    state.window = deferral->window;
    state.weight = deferral->weight;
    state.until = deferral->until;
    state.estimate = deferral->until - now_;
  } else if (!capacity_.MayStart()) {
    state.reason = WaitReason::kPacing;
    state.until = capacity_.NextStart();
    state.after_block = capacity_.OnlyStartsSlowly();
    state.estimate =
        capacity_.NextStart() - now_ + capacity_.StartGap() * static_cast<int64_t>(position - 1);
  } else {
    ExplainCapacity(waiter, state);
  }
  return state;
}

// Windows have room, and it may start: what it waits for is a slot that it may have.
void Account::ExplainCapacity(const Waiter& waiter, WaitState& state) const {
  if (const PoolSet full = waiter.pools & capacity_.FullPools(); full != 0) {
    state.reason = WaitReason::kPool;
    const PoolConfig& pool = capacity_.pool(static_cast<size_t>(std::countr_zero(full)));
    state.slot_limit = pool.limit;
    state.pool = absl::StrJoin(pool.models, ", ");
  } else if (capacity_.OfGroup(waiter.group) != Capacity::Offer::kSlot) {
    state.reason = WaitReason::kPool;
    state.slot_limit = capacity_.LimitOf(waiter.group).value_or(0);
    state.pool = waiter.group;
  } else if (SessionIsFull(waiter.request)) {
    state.reason = WaitReason::kSession;
    state.slot_limit = config_.slots.per_session;
  } else if (retired_ || capacity_.Slot() != Capacity::Offer::kSlot) {
    state.reason = WaitReason::kSlots;
    state.slot_limit = capacity_.limit();
  } else if (capacity_.IsReserved(waiter.request, Capacity::Offer::kSlot)) {
    state.reason = WaitReason::kReserved;
    state.slot_limit = capacity_.limit();
  } else {
    return ExplainOrder(waiter, state);
  }
  if (!mean_hold_) return;
  // Who has had a slot for long will, as likely as not, have it for as long again.
  const absl::Duration hold = std::max(*mean_hold_, capacity_.MeanAge());
  state.estimate = hold * static_cast<double>(state.position) / capacity_.limit();
}

// A slot is free and the windows have room for it: somebody ahead needs more room in one.
void Account::ExplainOrder(const Waiter& waiter, WaitState& state) const {
  state.reason = WaitReason::kOrder;
  const auto heads = WithAdmission(
      Capacity::Offer::kSlot,
      [&](const WaiterQueue::Admission& admission) { return queue_.Heads(admission); });
  for (const Waiter* head : heads) {
    std::string window = quota_.Shared(quota_.Lacking(head->charges), waiter.charges);
    if (!window.empty()) state.window = std::move(window);
  }
}

std::optional<absl::Duration> Account::ExpectedWait() const {
  if (pauses_.Whole() || retired_) return std::nullopt;
  Waiter newcomer;
  newcomer.charges = quota_.Price(newcomer.request, now_);
  newcomer.paused = IsPaused(newcomer.request, newcomer.client.holder);
  if (queue_.empty() && capacity_.Next() == Capacity::Offer::kSlot && NeedsOnlySlot(newcomer)) {
    return absl::ZeroDuration();
  }
  return Explain(newcomer, queue_.size() + 1).estimate;
}

}  // namespace zbroker::core
