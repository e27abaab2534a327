// Who of an account's queue may be granted, when, and why not yet.
#include <algorithm>
#include <utility>

#include "daemon/core/account.h"

namespace zbroker::core {

std::optional<Quota::Cheaper> Account::CheaperLater(const Asking& asking) const {
  if (!asking.patient) return std::nullopt;
  return quota_.CheaperLater(asking.request, asking.charges);
}

bool Account::SessionIsFull(const Request& request) const {
  const int cap = config_.slots.per_session;
  return cap > 0 && queue_.SlotsOf(request.session) >= cap;
}

// Calls `body` with the queue's Admission.
template <typename Body>
auto Account::WithAdmission(Capacity::Offer offer, Body body) const {
  Terms terms = TermsNow();
  terms.offer = offer;
  return body(WaiterQueue::Admission{
      .open = [&](const Waiter& one) { return Passes(kOfQueueGate, AskingOf(one), terms); },
      .may = [&](const Waiter& one) { return Passes(kOfSession, AskingOf(one), terms); },
      .lacking = [&](const Waiter& one) { return quota_.Lacking(one.charges); },
      .ahead = [&](const Waiter& one) { return one.patient ? quota_.Ahead(one.charges) : 0; }});
}

const Waiter* Account::Next(Capacity::Offer offer) const {
  return WithAdmission(
      offer, [&](const WaiterQueue::Admission& admission) { return queue_.Next(admission); });
}

bool Account::NeedsOnlyHost(const Waiter& waiter, const Lease& host) const {
  Terms terms = TermsNow();
  terms.host = &host;
  return Passes(kAllGates, AskingOf(waiter), terms);
}

bool Account::MayTakeSlot(const Lease& shadow) const {
  Terms terms = TermsNow();
  terms.offer = Capacity::Offer::kSlot;
  return Passes(kAllGates, AskingOf(shadow), terms);
}

// When somebody who now waits for something else than a slot may be granted at the earliest, if
// neither hours nor limit change.
BootTime Account::NextChance() const {
  const auto ahead = [this](BootTime at) { return at > now_ ? at : BootTime::InfiniteFuture(); };
  const Capacity::Offer offer = Slot();
  // In shadow mode leases wait, too, and not all of them for a slot.
  const bool some = offer != Capacity::Offer::kNone || !nesting_.empty() || queue_.HasSlotless() ||
                    config_.shadow;
  if (!some) return BootTime::InfiniteFuture();
  BootTime next =
      std::min({ahead(capacity_.NextStart()), upstream_.NextEnd(), ahead(queue_.NextRise())});
  const auto heads = WithAdmission(
      offer, [&](const WaiterQueue::Admission& admission) { return queue_.Heads(admission); });
  // As soon as one of the windows has room, those who stood back for that one alone may be next.
  for (const Waiter* head : heads) {
    next = std::min(next, ahead(quota_.NextRoom(head->charges)));
    if (!head->patient) continue;
    if (const auto pace = quota_.ExplainPace(head->charges)) next = std::min(next, *pace->room);
  }
  if (!patience_.empty()) next = std::min(next, patience_.begin()->first);
  for (const Waiter* front : queue_.Fronts()) {
    if (const auto cheaper = CheaperLater(AskingOf(*front))) {
      next = std::min(next, ahead(cheaper->at));
    }
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
    if (!lease.shadow) continue;
    const Asking asking = AskingOf(lease);
    if (const auto cheaper = CheaperLater(asking)) next = std::min(next, cheaper->at);
    if (!asking.patient) continue;
    next = std::min(next, lease.request.patience);
    const auto pace = quota_.ExplainPace(lease.charges, /*made=*/true);
    if (pace) next = std::min(next, *pace->room);
  }
  return next;
}

size_t Account::PositionOf(const Waiter& waiter) const {
  return queue_.CountBefore(waiter, ExpectedHold()) + 1;
}

// Every gate is open: somebody ahead needs more room in a window.
void Account::ExplainOrder(const Waiter& waiter, WaitState& state) const {
  state.reason = WaitReason::kOrder;
  const auto heads = WithAdmission(
      Slot(), [&](const WaiterQueue::Admission& admission) { return queue_.Heads(admission); });
  for (const Waiter* head : heads) {
    WindowSet stood_back_for = quota_.Lacking(head->charges);
    if (head->patient && waiter.patient) stood_back_for |= quota_.Ahead(head->charges);
    std::string window = quota_.Shared(stood_back_for, waiter.charges);
    if (!window.empty()) state.window = std::move(window);
  }
}

std::optional<absl::Duration> Account::ExpectedWait() const {
  if (pauses_.Whole() || retired_) return std::nullopt;
  const Waiter newcomer = Newcomer();
  if (queue_.empty() && Passes(kAllGates, AskingOf(newcomer), TermsNow())) {
    return absl::ZeroDuration();
  }
  return Explain(newcomer, queue_.size() + 1).estimate;
}

}  // namespace zbroker::core
