// Grants, and what a lease stands on: a slot of its own, the slot of the lease that it is nested
// in, or nothing, in shadow mode and where it needs none.
#include <algorithm>
#include <utility>

#include "daemon/core/account.h"

namespace zbroker::core {

// One thing that a grant does, and what takes it back when the grant can't be recorded. They are
// done in order and taken back in reverse; nothing else happens in between but other grants, whose
// steps are taken back before.
struct Account::GrantStep {
  void (*take)(Account&, Lease&);
  void (*take_back)(Account&, Lease&);
};

const std::array<Account::GrantStep, 7> Account::kGrantSteps{{
    {[](Account& account, Lease& lease) {
       account.open_.insert(lease.id);
       account.trees_.Enter(TreeOf(lease));
     },
     [](Account& account, Lease& lease) {
       account.open_.erase(lease.id);
       account.trees_.Leave(TreeOf(lease));
     }},

    {[](Account& account, Lease&) { ++account.totals_.granted; },
     [](Account& account, Lease&) { --account.totals_.granted; }},

    {[](Account& account, Lease& lease) {
       if (lease.host != 0) account.nesting_.Nest(lease, *account.clients_.FindLease(lease.host));
     },
     [](Account& account, Lease& lease) { account.nesting_.Unnest(lease); }},

    {[](Account& account, Lease& lease) {
       lease.charges = account.nesting_.SetOff(lease, lease.charges);
     },
     [](Account& account, Lease& lease) {
       account.nesting_.ReturnCredit(lease.id);
       account.nesting_.Forget(lease.id);
     }},

    {[](Account& account, Lease& lease) { account.quota_.Charge(lease.charges, lease.granted); },
     [](Account& account, Lease& lease) {
       account.quota_.End(lease.charges, lease.granted, /*take_back=*/true);
     }},

    {[](Account& account, Lease& lease) {
       account.TakeSlot(lease, account.ExpectedHold(), lease.granted);
     },
     [](Account& account, Lease& lease) { account.FreeSlot(lease, lease.granted); }},

    {[](Account& account, Lease& lease) { account.capacity_.Started(lease); },
     [](Account& account, Lease& lease) { account.capacity_.TakeBackStart(lease); }},
}};

void Account::Grant(const Waiter& waiter, Footing footing, Effects& effects) {
  const WaiterId asked = waiter.order.id;
  Lease lease{.id = clients_.NewLease(),
              .request = waiter.request,
              .client = waiter.client,
              .queued = waiter.order.arrival,
              .granted = now_,
              .attempt = waiter.attempt,
              .joined = waiter.joined,
              .charges = waiter.charges,
              .pools = waiter.pools,
              .group = waiter.group,
              .host = footing == Footing::kNested ? waiter.parent : 0,
              .shadow = footing == Footing::kShadow,
              .slotless = waiter.slotless,
              .trial = footing == Footing::kTrial,
              .model_trial = footing == Footing::kSlot &&
                             capacity_.OfGroup(waiter.group) == Capacity::Offer::kTrial,
              .reports = waiter.reports,
              .takes_throttles = waiter.takes_throttles};
  if (lease.request.ttl > absl::ZeroDuration()) lease.until = now_ + lease.request.ttl;
  Lease& open = clients_.Open(std::move(lease));
  for (const GrantStep& step : kGrantSteps) step.take(*this, open);
  effects.records.push_back(LeaseOpened{open.id, open.request, open.client.holder, open.queued,
                                        now_, open.attempt, quota_.Names(open.charges)});
  TellGranted(open, effects.events);
  Forget(asked);
}

void Account::TakeBack(LeaseId id) {
  Lease& lease = *clients_.FindLease(id);
  for (auto step = kGrantSteps.rbegin(); step != kGrantSteps.rend(); ++step) {
    step->take_back(*this, lease);
  }
  clients_.Unopen(id);
}

void Account::TellGranted(const Lease& lease, std::vector<AddressedEvent>& events) const {
  events.push_back({lease.client.stream, Granted{.ticket = lease.request.ticket,
                                                 .lease = lease.id,
                                                 .account = lease.request.account,
                                                 .waited = lease.granted - lease.queued,
                                                 .until = lease.until,
                                                 .shadow = config_.shadow}});
}

bool Account::MayGrantOn(Capacity::Offer offer) const {
  return !retired_ && (offer != Capacity::Offer::kNone || queue_.HasSlotless());
}

Account::Footing Account::FootingOn(Capacity::Offer offer) {
  return offer == Capacity::Offer::kTrial ? Footing::kTrial : Footing::kSlot;
}

void Account::Admit(Effects& effects) {
  AdmitNested(effects);
  PromoteShadows();
  for (;;) {
    queue_.Advance(now_);  // the last grant may have left nobody who held others back
    const Capacity::Offer offer = capacity_.Next();
    const Waiter* next = MayGrantOn(offer) ? Next(offer) : nullptr;
    if (next == nullptr) break;
    Grant(*next, next->slotless ? Footing::kSlotless : FootingOn(offer), effects);
  }
  if (!config_.shadow) return;
  for (const Waiter* waiter : InOrder()) {
    if (!waiter->paused) Grant(*waiter, Footing::kShadow, effects);
  }
  PromoteShadows();  // what held a waiter up before its charges were made may hold up no lease
}

// Grants those whose parent is an open lease that hosts nobody: its holder waits for them, so they
// must not wait for its slot, nor for anybody else's turn.
void Account::AdmitNested(Effects& effects) {
  for (const Nesting::Family& family : nesting_.Families()) {
    const auto first =
        std::find_if(family.children.begin(), family.children.end(),
                     [&](const Waiter* waiter) { return NeedsOnlyHost(*waiter, *family.host); });
    if (first != family.children.end()) Grant(**first, Footing::kNested, effects);
  }
}

void Account::TakeSlot(Lease& lease, absl::Duration expected, BootTime since) {
  lease.slot_since = since;
  if (!capacity_.Put(lease, clients_.FindLease(lease.host))) return;
  lease.expected = expected;
  queue_.SlotTaken(lease.request.session, since, expected);
}

void Account::FreeSlot(const Lease& lease, BootTime paid_until) {
  if (capacity_.Holds(lease.id)) {
    queue_.SlotFreed(lease.request.session, lease.slot_since, lease.expected, paid_until);
  }
  capacity_.Remove(lease);
}

void Account::HandOn(Lease& lease, BootTime paid_until) {
  FreeSlot(lease, paid_until);
  Lease* host = nesting_.Unnest(lease);
  if (Lease* guest = clients_.FindLease(lease.guest)) {
    // The guest goes on with what its host had.
    nesting_.Unnest(*guest);
    guest->shadow = lease.shadow;
    if (host != nullptr) nesting_.Nest(*guest, *host);
    TakeSlot(*guest, absl::ZeroDuration(), now_);
  } else if (host != nullptr) {
    // The host's next child, if it has one with a slot of its own, gives that up.
    for (const LeaseId id : open_) {
      Lease& child = *clients_.FindLease(id);
      if (child.host != 0 || child.shadow || nesting_.FindHost(child) != host) continue;
      FreeSlot(child, now_);
      nesting_.Nest(child, *host);
      TakeSlot(child, absl::ZeroDuration(), now_);
      return;
    }
  }
}

void Account::EndShadow(Lease& shadow, absl::Duration expected, BootTime now) {
  shadow.shadow = false;
  shadow.shadow_wait = now - shadow.slot_since;
  TakeSlot(shadow, expected, now);
}

// Gives slots that are free to shadows that need nothing else.
void Account::PromoteShadows() {
  if (!config_.shadow) return;
  for (const LeaseId id : open_) {
    Lease& lease = *clients_.FindLease(id);
    if (!lease.shadow || lease.host != 0) continue;
    const bool offered = lease.slotless || capacity_.Next() == Capacity::Offer::kSlot;
    if (!offered || !MayTakeSlot(lease)) continue;
    EndShadow(lease, ExpectedHold(), now_);
    if (!lease.slotless) capacity_.StartedLate();
  }
}

}  // namespace zbroker::core
