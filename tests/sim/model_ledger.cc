#include "tests/sim/model_ledger.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <variant>

namespace zbroker::sim {

using core::Amount;
using core::LeaseId;

namespace {

constexpr int kAllBoots = std::numeric_limits<int>::max();

}  // namespace

void ModelLedger::Write(const std::vector<core::Record>& records) {
  for (const core::Record& record : records) {
    std::visit([this](const auto& one) { Take(one); }, record);
  }
}

void ModelLedger::Take(const core::LeaseOpened& opened) {
  EXPECT_GT(opened.lease, last_lease_) << "lease ids must grow";
  last_lease_ = opened.lease;
  leases_[opened.lease] = {opened, boot_};
  open_.insert(opened.lease);
  for (const core::Charge& charge : opened.charges) {
    SetCharge(opened, charge.window, charge.amount, boot_);
  }
  ++accounts_[opened.request.account].totals.granted;
}

void ModelLedger::Take(const core::LeaseClosed& closed) {
  const auto found = leases_.find(closed.lease);
  ASSERT_TRUE(found != leases_.end()) << "closed lease " << closed.lease << " was never open";
  Lease& lease = found->second;
  EXPECT_FALSE(lease.closed) << "lease " << closed.lease << " ended twice";
  EXPECT_GE(closed.closed, closed.granted);
  lease.closed = true;
  open_.erase(closed.lease);
  if (!closed.refunds.empty()) {
    const auto same = [](const core::Charge& a, const core::Charge& b) {
      return a.window == b.window && a.amount == b.amount;
    };
    EXPECT_TRUE(std::ranges::is_permutation(closed.refunds, lease.opened.charges, same))
        << "a refund that is not exact";
    EXPECT_TRUE(closed.settled.empty());
  }
  for (const core::Charge& refund : closed.refunds) {
    SetCharge(lease.opened, refund.window, Amount(), lease.boot);
  }
  for (const core::Charge& settled : closed.settled) {
    SetCharge(lease.opened, settled.window, settled.amount, lease.boot);
  }
  core::Totals& totals = accounts_[closed.account].totals;
  totals.lost += closed.outcome == core::Outcome::kLost ? 1 : 0;
  totals.throttled += closed.outcome == core::Outcome::kThrottle ? 1 : 0;
  if (closed.shadow_wait) {
    ++totals.shadow_waits;
    totals.shadow_waited += *closed.shadow_wait;
  }
}

void ModelLedger::SetCharge(const core::LeaseOpened& lease, const std::string& window,
                            Amount amount, int boot) {
  std::vector<Charge>& charges = charges_[{lease.request.account, window}];
  std::erase_if(charges, [&](const Charge& one) { return one.lease == lease.lease; });
  if (amount != Amount()) PutIn(charges, {lease.granted, amount, lease.lease, boot});
}

void ModelLedger::PutIn(std::vector<Charge>& charges, Charge charge) {
  const auto place = std::upper_bound(charges.begin(), charges.end(), charge.at,
                                      [](BootTime at, const Charge& one) { return at < one.at; });
  charges.insert(place, charge);
}

void ModelLedger::Take(const core::ForeignCharged& foreign) {
  std::vector<Charge>& charges = charges_[{foreign.account, foreign.window}];
  const bool again = std::ranges::any_of(charges, [&](const Charge& one) {
    return one.lease == 0 && one.boot == boot_ && one.at == foreign.at;
  });
  EXPECT_TRUE(!again || started_ == foreign.at) << "two readings of one instant";
  PutIn(charges, {foreign.at, foreign.amount, 0, boot_, foreign.over});
}

void ModelLedger::Take(const core::MeterRead& read) { readings_[read.account] = {read, boot_}; }

void ModelLedger::Take(const core::AccountSettings& settings) {
  accounts_[settings.account].settings = settings;
}

void ModelLedger::Take(const core::PauseSet& set) {
  pauses_[{set.account, set.pause.part}] = {set, boot_};
}

void ModelLedger::Take(const core::PauseEnded& ended) {
  EXPECT_EQ(pauses_.erase({ended.account, ended.part}), 1u) << "a pause that never was";
}

void ModelLedger::Take(const core::BlockSet& set) {
  RemoveBlock(set.account, set.block);
  blocks_.push_back({set, boot_});
}

void ModelLedger::Take(const core::BlockRemoved& removed) {
  EXPECT_TRUE(RemoveBlock(removed.account, removed.block)) << "a block that never was";
}

void ModelLedger::Take(const core::LimitLearned& learned) {
  limits_[{learned.account, learned.model, learned.state.hours}] = {learned, boot_};
}

void ModelLedger::Take(const core::LimitForgotten& forgotten) {
  std::erase_if(limits_, [&](const auto& entry) {
    const core::LimitLearned& learned = entry.second.value;
    return learned.account == forgotten.account && learned.model == forgotten.model;
  });
}

void ModelLedger::Take(const core::ModelPinned& pinned) {
  pins_.erase({pinned.account, pinned.model});
  if (pinned.limit) pins_[{pinned.account, pinned.model}] = pinned;
}

void ModelLedger::Take(const core::ResetKnown& reset) {
  resets_[{reset.account, reset.window}] = {reset, boot_};
}

bool ModelLedger::RemoveBlock(const std::string& account, const core::Block& name) {
  return std::erase_if(blocks_, [&](const Dated<core::BlockSet>& set) {
           return set.value.account == account && set.value.block.SameName(name);
         }) > 0;
}

void ModelLedger::Shift(absl::Duration shift, int boot) {
  for (auto& [id, lease] : leases_) {
    if (lease.boot >= boot) continue;
    lease.opened.queued = lease.opened.queued + shift;
    lease.opened.granted = lease.opened.granted + shift;
  }
  for (auto& [key, charges] : charges_) {
    for (Charge& charge : charges) {
      if (charge.boot < boot) charge.at = charge.at + shift;
    }
    std::ranges::stable_sort(charges, {}, &Charge::at);
  }
  for (auto& [set, of] : blocks_) {
    if (of >= boot) continue;
    set.block.since = set.block.since + shift;
    set.block.until = set.block.until + shift;
  }
  for (auto& [key, set] : pauses_) {
    BootTime& until = set.value.pause.until;
    if (set.boot < boot && until != BootTime::InfiniteFuture()) until = until + shift;
  }
  for (auto& [key, learned] : limits_) {
    if (learned.boot >= boot) continue;
    core::LearnedState& state = learned.value.state;
    state.confirmed = state.confirmed + shift;
    state.changed = state.changed + shift;
  }
  for (auto& [key, reset] : resets_) {
    if (reset.boot < boot && reset.value.at) reset.value.at = *reset.value.at + shift;
  }
  for (auto& [key, read] : readings_) {
    if (read.boot >= boot) continue;
    read.value.asked = read.value.asked + shift;
    for (core::MeterRow& row : read.value.rows) {
      if (row.reset) row.reset = *row.reset + shift;
    }
  }
}

void ModelLedger::MachineRestarted(absl::Duration shift) {
  for (const LeaseId id : std::exchange(open_, {})) {
    Lease& lease = leases_.at(id);
    lease.closed = true;
    ++accounts_[lease.opened.request.account].totals.lost;
  }
  Shift(shift, kAllBoots);
  ++boot_;
}

void ModelLedger::WallClockStepped(absl::Duration step) { Shift(-step, boot_); }

const core::LeaseOpened* ModelLedger::FindOpen(LeaseId lease) const {
  const auto found = leases_.find(lease);
  return found == leases_.end() || found->second.closed ? nullptr : &found->second.opened;
}

const core::Block* ModelLedger::BlockAgainst(const std::string& account,
                                             const core::Request& request, BootTime now) const {
  for (const auto& [set, boot] : blocks_) {
    if (set.account != account || set.block.until <= now) continue;
    const core::Block& block = set.block;
    const bool matches = block.scope == core::Scope::kAccount ||
                         (block.scope == core::Scope::kModel && block.model == request.model) ||
                         (block.scope == core::Scope::kKind && block.kind == request.kind);
    if (matches) return &block;
  }
  return nullptr;
}

bool ModelLedger::IsPaused(const std::string& account, const core::Request& request,
                           const core::Holder& holder, BootTime now) const {
  return std::ranges::any_of(PausesOf(account, now), [&](const core::Pause& pause) {
    const core::Part& part = pause.part;
    const bool program = part.program == request.program || part.program == holder.program;
    return (!part.priority || part.priority == request.priority) &&
           (part.session.empty() || part.session == request.session) &&
           (part.program.empty() || program);
  });
}

std::vector<core::Pause> ModelLedger::PausesOf(const std::string& account, BootTime now) const {
  std::vector<core::Pause> pauses;
  for (const auto& [key, set] : pauses_) {
    if (key.first == account && set.value.pause.until > now) pauses.push_back(set.value.pause);
  }
  return pauses;
}

std::vector<core::Block> ModelLedger::StandingBlocks(const std::string& account,
                                                     BootTime now) const {
  std::vector<core::Block> standing;
  for (const auto& [set, boot] : blocks_) {
    if (set.account == account && set.block.until > now) standing.push_back(set.block);
  }
  return standing;
}

std::vector<LeaseId> ModelLedger::OpenLeases(const std::string& account) const {
  std::vector<LeaseId> open;
  for (const LeaseId id : open_) {
    if (leases_.at(id).opened.request.account == account) open.push_back(id);
  }
  return open;
}

Amount ModelLedger::Used(const std::string& account, const core::WindowConfig& config,
                         const core::WallClock& wall, BootTime now) const {
  testing::WindowModel window(config);
  window.wall = wall;
  const Key key = {account, config.name};
  if (const auto charges = charges_.find(key); charges != charges_.end()) {
    for (const Charge& charge : charges->second) {
      window.charges.push_back({charge.at, charge.amount, charge.lease == 0});
    }
  }
  if (const auto reset = resets_.find(key); reset != resets_.end()) {
    window.said = reset->second.value.at;
  }
  return std::min(window.Used(now), *Amount::FromDouble(Amount::kLargest));
}

BootTime ModelLedger::FullUntil(const std::string& account,
                                const core::WindowConfig& window) const {
  const auto found = readings_.find(account);
  if (found == readings_.end() || !window.models.empty()) return BootTime();
  const core::MeterRow* meant = nullptr;
  for (const core::MeterRow& row : found->second.value.rows) {
    if (row.months != window.months || (row.months == 0 && row.length != window.length)) continue;
    const auto of_tools_or_calls = [](core::Unit unit) {
      return unit == core::Unit::kMcpCalls || unit == core::Unit::kCalls;
    };
    const bool same = row.unit == window.unit;
    if (!same && (of_tools_or_calls(row.unit) || of_tools_or_calls(window.unit))) continue;
    const bool better = meant == nullptr || (same && meant->unit != window.unit) ||
                        (same == (meant->unit == window.unit) && row.percent > meant->percent);
    if (better) meant = &row;
  }
  if (meant == nullptr || !meant->full) return BootTime();
  return meant->reset.value_or(found->second.value.asked + absl::Hours(1));
}

bool ModelLedger::HasWall(const std::string& account, BootTime now) const {
  return std::ranges::any_of(StandingBlocks(account, now), [](const core::Block& block) {
    return block.reason == core::BlockReason::kWall;
  });
}

Amount ModelLedger::ChargedSince(const std::string& account, const std::string& window,
                                 BootTime since) const {
  Amount sum;
  const auto found = charges_.find({account, window});
  if (found == charges_.end()) return sum;
  for (const Charge& charge : found->second) {
    if (charge.lease != 0 && charge.at >= since) sum += charge.amount;
  }
  return sum;
}

BootTime ModelLedger::LastCharge() const {
  BootTime last;
  for (const auto& [key, charges] : charges_) {
    if (!charges.empty()) last = std::max(last, charges.back().at);
  }
  return last;
}

core::Totals ModelLedger::TotalsOf(const std::string& account) const {
  const auto found = accounts_.find(account);
  return found == accounts_.end() ? core::Totals() : found->second.totals;
}

void ModelLedger::Take(const core::Happening& happening) {
  const std::string words = std::string(core::Name(happening.kind)) + " of " + happening.account +
                            " " + happening.subject;
  if (const auto begin = core::BeginOf(happening.kind)) {
    EXPECT_EQ(episodes_.erase({happening.account, *begin, happening.subject}), 1u)
        << words << ": nothing has begun that could end";
  } else if (core::EndOf(happening.kind)) {
    const bool is_new =
        episodes_.try_emplace({happening.account, happening.kind, happening.subject}, happening)
            .second;
    EXPECT_TRUE(is_new) << words << ": it is told twice";
  }
}

size_t ModelLedger::OpenEpisodes(const std::string& account) const {
  return static_cast<size_t>(std::ranges::count_if(episodes_, [&](const auto& one) {
    const core::HappeningKind kind = one.second.kind;
    return one.second.account == account &&
           (kind == core::HappeningKind::kWall || kind == core::HappeningKind::kBreaker ||
            kind == core::HappeningKind::kPlan);
  }));
}

core::Recovered ModelLedger::Recover(const std::map<int32_t, bool>& alive) const {
  core::Recovered recovered;
  recovered.last_lease = last_lease_;
  for (const LeaseId id : open_) {
    const core::LeaseOpened& opened = leases_.at(id).opened;
    const auto found = alive.find(opened.holder.pid);
    recovered.leases.push_back({opened, found != alive.end() && found->second});
  }
  for (const auto& [key, charges] : charges_) {
    core::Recovered::PastCharges& past = recovered.charges.emplace_back();
    past.account = key.first;
    past.window = key.second;
    for (const Charge& charge : charges) {
      if (charge.lease != 0) {
        past.charges.push_back({charge.at, charge.amount});
      } else {
        recovered.foreign.push_back({key.first, key.second, charge.at, charge.amount, charge.over});
      }
    }
  }
  for (const auto& [name, read] : readings_) recovered.readings.push_back(read.value);
  for (const auto& [set, boot] : blocks_) recovered.blocks.push_back(set);
  for (const auto& [key, learned] : limits_) recovered.limits.push_back(learned.value);
  for (const auto& [key, pinned] : pins_) recovered.pins.push_back(pinned);
  for (const auto& [key, set] : pauses_) recovered.pauses.push_back(set.value);
  for (const auto& [key, reset] : resets_) recovered.resets.push_back(reset.value);
  for (const auto& [key, begun] : episodes_) recovered.open_happenings.push_back(begun);
  for (const auto& [name, account] : accounts_) {
    recovered.accounts.push_back(account);
    recovered.accounts.back().settings.account = name;
  }
  return recovered;
}

}  // namespace zbroker::sim
