#include "daemon/core/nesting.h"

namespace zbroker::core {

Lease* Nesting::FindParent(const Request& request, uint32_t uid, LeaseId before) const {
  // Parents have smaller ids than their children, so this ends.
  for (LeaseId id = request.parent; id != 0 && id < before;) {
    Lease* lease = clients_.FindLease(id);
    if (lease == nullptr || lease->client.holder.uid != uid) return nullptr;
    if (lease->request.account == request.account && !lease->slotless) return lease;
    before = id;
    id = lease->request.parent;
  }
  return nullptr;
}

void Nesting::Enter(Waiter& waiter) {
  const Lease* parent = waiter.slotless ? nullptr
                                        : FindParent(waiter.request, waiter.client.holder.uid,
                                                     /*before=*/clients_.last_lease() + 1);
  waiter.parent = parent == nullptr ? 0 : parent->id;
  if (parent != nullptr) children_[parent->id].emplace(waiter.order, &waiter);
}

void Nesting::Leave(const Waiter& waiter) {
  const auto siblings = children_.find(waiter.parent);
  if (siblings == children_.end()) return;
  siblings->second.erase(waiter.order);
  if (siblings->second.empty()) children_.erase(siblings);
}

bool Nesting::CanHost(const Lease& lease) {
  // One whose command still runs may be waiting for it.
  const bool over = lease.state == LeaseState::kQuarantined && !lease.command_runs;
  return lease.guest == 0 && !over;
}

std::vector<Nesting::Family> Nesting::Families() const {
  std::vector<Family> families;
  for (const auto& [parent, waiters] : children_) {
    const Lease* host = clients_.FindLease(parent);
    if (host == nullptr || !CanHost(*host)) continue;
    Family& family = families.emplace_back(Family{host, {}});
    for (const auto& [order, waiter] : waiters) family.children.push_back(waiter);
  }
  return families;
}

Lease* Nesting::FindHost(const Lease& lease) const {
  if (lease.slotless) return nullptr;
  Lease* parent = FindParent(lease.request, lease.client.holder.uid, lease.id);
  return parent != nullptr && CanHost(*parent) ? parent : nullptr;
}

void Nesting::Nest(Lease& lease, Lease& host) {
  lease.host = host.id;
  host.guest = lease.id;
}

Lease* Nesting::Unnest(Lease& lease) {
  Lease* host = clients_.FindLease(lease.host);
  if (host != nullptr) host->guest = 0;
  lease.host = 0;
  return host;
}

Charges Nesting::BeyondCredit(const Lease& host, const Charges& charges) const {
  const auto found = balances_.find(host.id);
  return found == balances_.end() ? charges : charges.Beyond(found->second.credit);
}

Charges Nesting::SetOff(const Lease& lease, const Charges& charges) {
  balances_[lease.id].credit = charges;
  if (lease.host == 0) return charges;
  Charges left = charges.Beyond(balances_[lease.host].credit);
  Balance& own = balances_[lease.id];
  own.set_off = charges.Beyond(left);
  own.set_off_from = lease.host;
  balances_[lease.host].credit.Subtract(own.set_off);
  return left;
}

Charges Nesting::SetOffOf(LeaseId lease) const {
  const auto found = balances_.find(lease);
  return found == balances_.end() ? Charges() : found->second.set_off;
}

void Nesting::ReturnCredit(LeaseId lease) {
  const auto own = balances_.find(lease);
  if (own == balances_.end()) return;
  const auto host = balances_.find(own->second.set_off_from);
  if (host != balances_.end()) host->second.credit.Add(own->second.set_off);
}

void Nesting::Forget(LeaseId lease) {
  children_.erase(lease);
  balances_.erase(lease);
}

}  // namespace zbroker::core
