#include "daemon/core/capacity.h"

#include <algorithm>

namespace zbroker::core {

void Capacity::Configure(const AccountConfig& config, BootTime now) {
  now_ = std::max(now_, now);
  slots_.Configure(config.slots, config.pools);
  limit_.Configure(config, now_);
}

void Capacity::Advance(BootTime now) {
  now_ = now;
  source_.Advance(now);
  pacer_.Advance(now);
}

Capacity::Offer Capacity::Slot() const {
  if (slots_.taken() < source_.value()) return Offer::kSlot;
  // Beside slots whose holders report nothing, one more that is served shows nothing.
  const bool known = slots_.taken() == source_.value() && slots_.reporting() >= source_.value();
  return known && source_.MayTry() ? Offer::kTrial : Offer::kNone;
}

bool Capacity::IsReserved(const Request& request, Offer offer) const {
  return request.priority != Priority::kInteractive &&
         slots_.OnlyForInteractive(limit() + (offer == Offer::kTrial ? 1 : 0));
}

bool Capacity::Put(const Lease& lease, const Lease* host) {
  slots_.Put(lease, host);
  return slots_.Holds(lease.id);
}

void Capacity::Hear(Evidence::What what, const Lease& lease, const std::string& code) {
  source_.Hear({what, lease.id, lease.granted, lease.in_flight, code}, now_);
}

void Capacity::Started(Lease& lease) {
  if (lease.shadow) return;
  if (lease.host != 0) {
    pacer_.StartedNested(now_);
  } else {
    pacer_.Started(now_);
  }
  lease.in_flight = slots_.reporting() + (lease.reports ? 0 : 1);
  if (lease.trial) Hear(Evidence::What::kTrialBegan, lease);
}

void Capacity::TakeBackStart(const Lease& lease) {
  pacer_ = pacer_at_mark_;
  Hear(Evidence::What::kEnded, lease);
}

void Capacity::HolderGone(const Lease& lease) { Hear(Evidence::What::kEnded, lease); }

void Capacity::Ended(const Lease& lease, Outcome outcome, const ReleaseDetails& details) {
  if (outcome == Outcome::kThrottle && !details.start_rate) {
    return Hear(Evidence::What::kThrottled, lease, details.upstream_code);
  }
  const bool served = outcome == Outcome::kOk && lease.reports;
  Hear(served ? Evidence::What::kServed : Evidence::What::kEnded, lease);
}

void Capacity::View(AccountSnapshot& account) const {
  account.slot_limit = limit_.value();
  account.source = limit_.source();
  account.configured_limit = limit_.configured();
  account.pinned = limit_.pinned().has_value();
  account.in_flight = slots_.taken();
  account.known_limits = limit_.Known();
  account.next_trial = limit_.NextTrial(now_);
  account.trial_under_way = limit_.TrialUnderWay();
  account.start_interval = pacer_.interval();
  for (size_t i = 0; i < slots_.pools(); ++i) {
    account.pools.push_back({slots_.pool(i), slots_.taken_in_pool(i)});
  }
}

}  // namespace zbroker::core
