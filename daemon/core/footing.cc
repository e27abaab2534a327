// What a lease stands on: a slot of its own, the slot of the lease that it is nested in, or, in
// shadow mode, nothing.
//
// A command may start others, and wait for them: a script under a lease whose agents ask for leases
// of their own. If these needed slots of their own, a limit of one would be a deadlock. So a lease
// hosts one nested lease, the oldest of its open children, which needs no slot; further children
// need slots like everybody, until it is their turn. A lease of another account in between changes
// nothing. That rule alone says who is nested, so it also holds for leases that a former daemon
// left; but for a guest whose host has ended: it goes on with what its host had, and a new daemon,
// which does not know of that, takes it to have a slot of its own. In shadow mode a new daemon
// takes the newest leases, as many as are beyond the limit, to have gone without a slot from the
// start.
//
// What runs beneath a lease is charged once: the charge of a nested lease is set off against what
// its host was charged, or was set off itself. A new daemon doesn't know what is left of that, and
// charges in full.
#include <algorithm>
#include <utility>

#include "daemon/core/broker.h"

namespace zbroker::core {
namespace {

Charge* Find(std::vector<Charge>& charges, const std::string& window) {
  const auto found = std::find_if(charges.begin(), charges.end(),
                                  [&](const Charge& charge) { return charge.window == window; });
  return found == charges.end() ? nullptr : &*found;
}

}  // namespace

Lease* Broker::FindParent(const Request& request, uint32_t uid, LeaseId before) {
  // Parents have smaller ids than their children, so this ends.
  for (LeaseId id = request.parent; id != 0 && id < before;) {
    const auto found = leases_.find(id);
    if (found == leases_.end()) return nullptr;
    Lease& lease = found->second;
    if (lease.client.holder.uid != uid) return nullptr;
    if (lease.request.account == request.account) return &lease;
    before = id;
    id = lease.request.parent;
  }
  return nullptr;
}

Lease* Broker::FindHost(const Lease& lease) {
  Lease* parent = FindParent(lease.request, lease.client.holder.uid, lease.id);
  return parent != nullptr && CanHost(*parent) ? parent : nullptr;
}

bool Broker::CanHost(const Lease& lease) const {
  return lease.guest == 0 && lease.state != LeaseState::kQuarantined;
}

void Broker::Nest(Lease& lease, Lease& host) {
  lease.host = host.id;
  host.guest = lease.id;
}

void Broker::PutInSlot(Account& account, Lease& lease, absl::Duration expected, BootTime now) {
  lease.slot_since = now;
  account.slots.Put(lease, lease.host == 0 ? nullptr : &leases_.at(lease.host));
  if (!account.slots.Holds(lease.id)) return;
  lease.expected = expected;
  account.queue.SlotTaken(lease.request.session, expected);
}

void Broker::LeaveSlot(Account& account, const Lease& lease, BootTime paid_until) {
  if (account.slots.Holds(lease.id)) {
    account.queue.SlotFreed(lease.request.session, paid_until - lease.slot_since - lease.expected);
  }
  account.slots.Remove(lease);
}

void Broker::GiveUpSlot(Account& account, const Lease& lease, BootTime paid_until, BootTime now) {
  LeaveSlot(account, lease, paid_until);
  Lease* host = lease.host == 0 ? nullptr : &leases_.at(lease.host);
  if (host != nullptr) host->guest = 0;
  if (lease.guest != 0) {
    // The guest goes on with what its host had.
    Lease& guest = leases_.at(lease.guest);
    guest.host = 0;
    guest.shadow = lease.shadow;
    if (host != nullptr) Nest(guest, *host);
    PutInSlot(account, guest, absl::ZeroDuration(), now);
  } else if (host != nullptr) {
    // The host's next child, if it has one with a slot of its own, gives that up.
    const auto next = std::find_if(account.open.begin(), account.open.end(), [&](LeaseId id) {
      const Lease& one = leases_.at(id);
      return one.host == 0 && !one.shadow && FindHost(one) == host;
    });
    if (next == account.open.end()) return;
    Lease& child = leases_.at(*next);
    LeaveSlot(account, child, now);
    Nest(child, *host);
    PutInSlot(account, child, absl::ZeroDuration(), now);
  }
}

void Broker::EndShadow(Account& account, Lease& shadow, absl::Duration expected, BootTime now) {
  shadow.shadow = false;
  shadow.shadow_wait = now - shadow.slot_since;
  PutInSlot(account, shadow, expected, now);
}

void Broker::RestoreShadows(Account& account) {
  if (!account.config().shadow) return;
  for (auto id = account.open.rbegin(); id != account.open.rend(); ++id) {
    if (account.slots.taken() <= account.limit.value()) return;
    Lease& lease = leases_.at(*id);
    if (!account.slots.Holds(lease.id)) continue;
    LeaveSlot(account, lease, lease.granted);
    lease.shadow = true;
  }
}

void Broker::PromoteShadows(Account& account, BootTime now) {
  if (!account.config().shadow) return;
  for (const LeaseId id : account.open) {
    if (!account.HasFreeSlot() || !account.MayStart()) return;
    Lease& lease = leases_.at(id);
    if (!lease.shadow || lease.host != 0 || !account.MayTakeSlot(lease)) continue;
    EndShadow(account, lease, account.expected_hold(), now);
    account.pacer.Started(now);
  }
}

std::vector<Amount> Broker::SetOff(Lease& lease, const Account& account,
                                   const std::vector<Amount>& charges) {
  // What is charged, or was set off, is there for those below.
  for (size_t i = 0; i < charges.size(); ++i) {
    if (charges[i] == Amount()) continue;
    lease.credit.push_back({account.windows()[i].config().name, charges[i]});
  }
  if (lease.host == 0) return charges;
  Lease& host = leases_.at(lease.host);
  std::vector<Amount> left = account.BeyondCredit(host, charges);
  lease.set_off_from = host.id;
  for (size_t i = 0; i < charges.size(); ++i) {
    if (left[i] == charges[i]) continue;
    Charge* credit = Find(host.credit, account.windows()[i].config().name);
    credit->amount -= charges[i] - left[i];
    lease.set_off.push_back({credit->window, charges[i] - left[i]});
  }
  return left;
}

void Broker::ReturnCredit(const Lease& lease) {
  const auto host = leases_.find(lease.set_off_from);
  if (host == leases_.end()) return;
  for (const Charge& charge : lease.set_off) {
    if (Charge* credit = Find(host->second.credit, charge.window)) credit->amount += charge.amount;
  }
}

}  // namespace zbroker::core
