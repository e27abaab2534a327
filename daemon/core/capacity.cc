#include "daemon/core/capacity.h"

#include <algorithm>

namespace zbroker::core {

void Capacity::Configure(const AccountConfig& config, BootTime now) {
  now_ = std::max(now_, now);
  slots_.Configure(config.slots, config.pools);
  limits_.Configure(config, slots_.LearningPools(), now_);
}

void Capacity::Advance(BootTime now) {
  now_ = now;
  limits_.Advance(now);
  pacer_.Advance(now);
}

Capacity::Offer Capacity::Slot() const {
  if (slots_.taken() < limit()) return Offer::kSlot;
  // Beside slots whose holders report nothing, one more that is served shows nothing.
  const bool known = slots_.taken() == limit() && slots_.reporting() >= limit();
  return known && limits_.MayTryAccount() ? Offer::kTrial : Offer::kNone;
}

Capacity::Offer Capacity::OfGroup(const std::string& group) const {
  const std::optional<int> limit = limits_.OfModel(group);
  if (!limit || slots_.taken_of(group) < *limit) return Offer::kSlot;
  const bool known = slots_.taken_of(group) == *limit && slots_.reporting_of(group) >= *limit;
  return known && limits_.MayTryModel(group) ? Offer::kTrial : Offer::kNone;
}

// A lease is beyond one limit at most.
bool Capacity::IsOpen(const std::string& group, Offer offer, bool takes_throttles) const {
  const Offer of_group = OfGroup(group);
  if (of_group == Offer::kSlot) return true;
  return of_group == Offer::kTrial && offer != Offer::kTrial && takes_throttles;
}

bool Capacity::PinModel(const std::string& group, std::optional<int> limit) {
  return limits_.PinModel(group, limit, now_);
}

bool Capacity::IsReserved(const Request& request, Offer offer) const {
  return request.priority != Priority::kInteractive &&
         slots_.OnlyForInteractive(limit() + (offer == Offer::kTrial ? 1 : 0));
}

bool Capacity::Put(const Lease& lease, const Lease* host) {
  slots_.Put(lease, host);
  return slots_.Holds(lease.id);
}

void Capacity::Started(Lease& lease) {
  if (lease.shadow || lease.slotless) return;
  if (lease.host != 0) {
    pacer_.StartedNested(now_);
  } else {
    pacer_.Started(now_);
  }
  const int itself = lease.reports ? 0 : 1;
  lease.in_flight = slots_.reporting() + itself;
  lease.model_in_flight = slots_.reporting_of(lease.group) + itself;
  limits_.Started(lease);
}

void Capacity::TakeBackStart(const Lease& lease) {
  pacer_ = pacer_at_mark_;
  limits_.Gone(lease);
}

void Capacity::HolderGone(const Lease& lease) {
  if (!lease.slotless) limits_.Gone(lease);
}

void Capacity::Ended(const Lease& lease, Outcome outcome) {
  if (lease.slotless) return;
  if (outcome == Outcome::kOk && lease.reports) {
    limits_.Served(lease);
  } else {
    limits_.Gone(lease);
  }
}

CoolDown Capacity::Throttled(const Lease& lease, const std::string& upstream_code) {
  return limits_.Throttled(lease, upstream_code);
}

void Capacity::View(AccountSnapshot& account) const {
  const SlotLimit& own = limits_.slot_limit();
  account.slot_limit = limit();
  account.reserved_outside = own.value() - limit();
  account.source = own.source();
  account.configured_limit = own.configured();
  account.pinned = own.pinned().has_value();
  account.in_flight = slots_.taken();
  account.known_limits = own.Known();
  account.next_trial = own.NextTrial(now_);
  account.trial_under_way = own.TrialUnderWay();
  account.model_limits = limits_.KnownOfModels();
  for (KnownModelLimit& known : account.model_limits) {
    known.in_flight = slots_.taken_of(known.model);
  }
  account.start_interval = pacer_.interval();
  for (size_t i = 0; i < slots_.pools(); ++i) {
    account.pools.push_back({slots_.pool(i), slots_.taken_in_pool(i)});
    PoolSnapshot& pool = account.pools.back();
    const std::string group = slots_.GroupOfPool(i);
    if (group.empty()) continue;
    pool.in_flight = slots_.taken_of(group);
    pool.config.limit = limits_.OfModel(group).value_or(pool.config.limit);
  }
}

}  // namespace zbroker::core
