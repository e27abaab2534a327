#include "daemon/rpc/slots_view.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "daemon/rpc/translate.h"

namespace zbroker::rpc {
namespace {

void FillPool(const core::PoolSnapshot& pool, v1::PoolStatus* out) {
  for (const std::string& model : pool.config.models) out->add_models(model);
  out->set_limit(static_cast<uint32_t>(pool.config.limit));
  out->set_in_flight(static_cast<uint32_t>(pool.in_flight));
}

std::string HoursOf(const core::KnownLimit& known) {
  if (known.schedule > 0) return absl::StrCat("schedule ", known.schedule);
  return known.state.hours == core::HourClass::kPeak ? "peak" : "off-peak";
}

void FillLearned(const core::KnownLimit& known, const core::AccountSnapshot& account,
                 const Now& now, v1::LearnedLimit* out) {
  const core::LearnedState& state = known.state;
  out->set_hours(HoursOf(known));
  out->set_limit(static_cast<uint32_t>(state.limit));
  out->set_reason(state.why);
  if (known.ceiling_known) out->set_ceiling(static_cast<uint32_t>(state.ceiling));
  if (known.tested) {
    *out->mutable_confirmed() = ToProto(now.WallAt(state.confirmed));
    *out->mutable_changed() = ToProto(now.WallAt(state.changed));
  }
  out->set_in_force(known.in_force);
  if (!known.in_force) return;
  out->set_trial_under_way(account.trial_under_way);
  if (account.next_trial) *out->mutable_next_trial() = ToProto(now.WallAt(*account.next_trial));
}

void FillModel(const core::KnownModelLimit& known, const Now& now, v1::LearnedLimit* out) {
  out->set_model(known.model);
  out->set_limit(static_cast<uint32_t>(known.limit));
  out->set_in_flight(static_cast<uint32_t>(known.in_flight));
  out->set_in_force(known.in_force);
  out->set_pinned(known.pinned);
  if (known.pinned) {
    out->set_reason("pinned by an administrator");
    return;
  }
  out->set_hours(known.state.hours == core::HourClass::kPeak ? "peak" : "off-peak");
  out->set_reason(known.state.why);
  if (known.ceiling_known) out->set_ceiling(static_cast<uint32_t>(known.state.ceiling));
  *out->mutable_confirmed() = ToProto(now.WallAt(known.state.confirmed));
  *out->mutable_changed() = ToProto(now.WallAt(known.state.changed));
  out->set_trial_under_way(known.trial_under_way);
  if (known.next_trial) *out->mutable_next_trial() = ToProto(now.WallAt(*known.next_trial));
}

}  // namespace

void FillSlots(const core::AccountSnapshot& account, const Now& now, v1::SlotsStatus* out) {
  out->set_limit(static_cast<uint32_t>(account.slot_limit));
  out->set_in_flight(static_cast<uint32_t>(account.in_flight));
  out->set_waiting(static_cast<uint32_t>(account.waiters.size()));
  out->set_quarantined(static_cast<uint32_t>(std::count_if(
      account.leases.begin(), account.leases.end(),
      [](const core::Lease& lease) { return lease.state == core::LeaseState::kQuarantined; })));
  out->set_learned(account.source == core::LimitSource::kLearned);
  out->set_pinned(account.pinned);
  out->set_source(std::string(core::Name(account.source)));
  out->set_configured(static_cast<uint32_t>(account.configured_limit));
  out->set_reserved_outside(static_cast<uint32_t>(account.reserved_outside));
  if (account.unclean_hold) *out->mutable_unclean_hold() = ToProto(*account.unclean_hold);
  out->set_reserved_interactive(static_cast<uint32_t>(account.slots.reserve_interactive));
  out->set_per_session(static_cast<uint32_t>(account.slots.per_session));
  if (account.start_interval > absl::ZeroDuration()) {
    *out->mutable_start_interval() = ToProto(account.start_interval);
  }
  for (const core::Block& block : account.blocks) {
    if (block.reason != core::BlockReason::kCoolDown) continue;
    if (block.scope != core::Scope::kAccount) continue;
    *out->mutable_cool_down_until() = ToProto(now.WallAt(block.until));
  }
  for (const core::PoolSnapshot& pool : account.pools) FillPool(pool, out->add_pools());
  for (const core::KnownLimit& known : account.known_limits) {
    FillLearned(known, account, now, out->add_learned_limits());
  }
  for (const core::KnownModelLimit& known : account.model_limits) {
    FillModel(known, now, out->add_model_limits());
  }
}

}  // namespace zbroker::rpc
