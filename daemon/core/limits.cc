#include "daemon/core/limits.h"

#include <algorithm>
#include <utility>

#include "daemon/core/blame.h"

namespace zbroker::core {
namespace {

HourClass OtherThan(HourClass hours) {
  return hours == HourClass::kPeak ? HourClass::kOffPeak : HourClass::kPeak;
}

}  // namespace

void Limits::Configure(const AccountConfig& config, const std::map<std::string, int>& pools,
                       BootTime now) {
  now_ = std::max(now_, now);
  learn_ = config.slots.learn;
  outside_ = config.slots.reserve_outside;
  AccountConfig own = config;
  if (outside_ > 0) own.slots.max = own.slots.limit;
  limit_.Configure(own, now_);
  models_.Configure(own.slots, pools, now_);
}

int Limits::account() const { return std::max(source_.value() - outside_, 1); }

int Limits::AccountIfPinned(std::optional<int> pin) const {
  return std::max(limit_.ValueIfPinned(pin) - outside_, 1);
}

int Limits::LevelOf(const Lease& lease) const {
  return lease.in_flight == 0 ? 0 : lease.in_flight + outside_;
}

void Limits::EnterHours(BootTime now, const WallClock& wall) {
  limit_.EnterHours(now, wall);
  models_.EnterClass(limit_.hours(), now);
}

void Limits::Advance(BootTime now) {
  now_ = now;
  source_.Advance(now);
  models_.Advance(now);
}

BootTime Limits::NextChange() const { return std::min(source_.NextChange(), models_.NextChange()); }

std::optional<int> Limits::OfModel(const std::string& model) const {
  const auto pin = pins_.find(model);
  return OfModelIfPinned(model, pin == pins_.end() ? std::nullopt : std::optional(pin->second));
}

std::optional<int> Limits::OfModelIfPinned(const std::string& model, std::optional<int> pin) const {
  if (pin) return pin;
  const LearnedLimit* limit = learn_ ? models_.Find(model) : nullptr;
  return limit == nullptr ? std::nullopt : std::optional(limit->limit());
}

bool Limits::MayTryModel(const std::string& model) const {
  const LearnedLimit* limit = IsPinned(model) ? nullptr : models_.Find(model);
  return limit != nullptr && limit->MayTry() && !limit_.TrialUnderWay() && !models_.TrialUnderWay();
}

bool Limits::PinModel(const std::string& model, std::optional<int> limit, BootTime now) {
  now_ = std::max(now_, now);
  if (limit && !IsPinned(model) && pins_.size() >= kPinsMax) return false;
  if (limit) {
    pins_[model] = *limit;
  } else {
    pins_.erase(model);
  }
  if (LearnedLimit* learned = models_.Find(model)) learned->Interrupt(now_);
  return true;
}

void Limits::Restore(const LimitLearned& learned) {
  if (learned.model.empty()) {
    limit_.Restore(learned.state);
  } else {
    models_.Restore(learned.model, learned.state, now_);
  }
}

void Limits::TakeChanges(const std::string& account, std::vector<Record>& records) {
  if (auto state = limit_.TakeChange()) {
    records.push_back(LimitLearned{.account = account, .state = *std::move(state)});
  }
  for (ModelLimits::Change& change : models_.TakeChanges()) {
    if (change.state) {
      records.push_back(LimitLearned{account, *std::move(change.state), std::move(change.model)});
    } else {
      records.push_back(LimitForgotten{account, std::move(change.model)});
    }
  }
}

std::vector<KnownModelLimit> Limits::KnownOfModels() const {
  std::vector<KnownModelLimit> all;
  for (const auto& [model, limit] : pins_) {
    all.push_back({.model = model, .limit = limit, .pinned = true, .in_force = true});
  }
  if (!learn_) return all;
  for (const std::string& model : models_.Limited()) {
    const LearnedLimit& limit = *models_.Find(model);
    for (const HourClass hours : {limit.hours(), OtherThan(limit.hours())}) {
      const std::optional<LearnedState>& state = limit.Of(hours);
      if (state) all.push_back(KnownOf(model, limit, *state));
    }
  }
  return all;
}

KnownModelLimit Limits::KnownOf(const std::string& model, const LearnedLimit& limit,
                                const LearnedState& state) const {
  KnownModelLimit known{.model = model,
                        .limit = state.limit,
                        .state = state,
                        .in_force = state.hours == limit.hours() && !IsPinned(model),
                        .ceiling_known = state.ceiling < models_.max()};
  if (!known.in_force) return known;
  known.trial_under_way = limit.trial_under_way();
  const BootTime next = limit.MayTry() ? now_ : limit.NextChange();
  if (!known.trial_under_way && next != BootTime::InfiniteFuture()) known.next_trial = next;
  return known;
}

Lesson Limits::Tell(Evidence::What what, const Lease& lease, const std::string& code) {
  return source_.Hear({what, lease.id, lease.granted, LevelOf(lease), code}, now_);
}

void Limits::Started(const Lease& lease) {
  if (lease.reports) {
    witnesses_[lease.id] = {lease.group, lease.granted, LevelOf(lease), lease.model_in_flight};
  }
  if (lease.trial) Tell(Evidence::What::kTrialBegan, lease);
  LearnedLimit* model = lease.model_trial ? models_.Find(lease.group) : nullptr;
  if (model != nullptr) model->BeginTrial({lease.id, lease.granted, lease.model_in_flight}, now_);
}

void Limits::Note(const Witness& witness) {
  served_.Note(witness.in_flight, witness.granted);
  if (witness.model.empty()) return;
  models_.Served(witness.model, now_).Note(witness.model_in_flight, witness.granted);
}

void Limits::HearWitnesses() {
  for (const auto& [lease, witness] : witnesses_) {
    if (now_ - witness.granted >= kTaken) Note(witness);
  }
}

void Limits::Served(const Lease& lease) {
  if (const auto witness = witnesses_.find(lease.id); witness != witnesses_.end()) {
    Note(witness->second);
    witnesses_.erase(witness);
  }
  Tell(Evidence::What::kServed, lease);
  LearnedLimit* model = models_.Find(lease.group);
  if (model == nullptr || IsPinned(lease.group)) return;
  if (lease.model_in_flight > 0) {
    model->Served({lease.id, lease.granted, lease.model_in_flight}, now_);
  } else {
    model->Ended(lease.id, now_);
  }
}

void Limits::Gone(const Lease& lease) {
  witnesses_.erase(lease.id);
  Tell(Evidence::What::kEnded, lease);
  if (LearnedLimit* model = models_.Find(lease.group)) model->Ended(lease.id, now_);
}

CoolDown Limits::Throttled(const Lease& lease, const std::string& upstream_code) {
  witnesses_.erase(lease.id);
  if (!learn_ || lease.in_flight == 0) {
    Gone(lease);
    return {};
  }
  HearWitnesses();
  if (lease.group.empty() && OthersInUse("")) {
    // Of a request that names no model nothing is learned while others are served.
    Gone(lease);
    return {.scope = Scope::kModel};
  }
  if (lease.granted <= fell_) {
    // It was on its way when the account's limit fell.
    Gone(lease);
    return {.scope = std::nullopt};
  }
  return IsModelToBlame(lease) ? BlameModel(lease, upstream_code)
                               : BlameAccount(lease, upstream_code);
}

bool Limits::IsModelToBlame(const Lease& lease) const {
  const std::string& model = lease.group;
  if (model.empty() || lease.model_in_flight == 0) return false;
  const LearnedLimit* limit = models_.Find(model);
  if (limit != nullptr && lease.granted <= limit->fallen()) return true;
  if (IsAnotherRefused(lease)) return false;
  const Suspect account{LevelOf(lease), served_.LastAt(LevelOf(lease)), lease.trial};
  const Suspect suspect{lease.model_in_flight, models_.LastAt(model, lease.model_in_flight),
                        lease.model_trial};
  return Blame(account, suspect, OthersInUse(model), now_) == Blamed::kModel;
}

bool Limits::IsAnotherRefused(const Lease& lease) const {
  if (!accused_ || accused_->model == lease.group || now_ - accused_->at > kDoubt) return false;
  // While a third is being served, two that never were tell nothing of the account.
  const bool third = std::any_of(witnesses_.begin(), witnesses_.end(), [&](const auto& entry) {
    return entry.second.model != lease.group && entry.second.model != accused_->model;
  });
  if (third && !(accused_->was_served && WasServed(lease))) return false;
  return served_.LastAt(std::min(accused_->in_flight, LevelOf(lease))) <= accused_->at;
}

bool Limits::WasServed(const Lease& lease) const {
  return now_ - models_.LastAt(lease.group, lease.model_in_flight) < kMemory;
}

bool Limits::OthersInUse(const std::string& model) const {
  const auto is_other = [&](const auto& entry) { return entry.second.model != model; };
  return std::any_of(witnesses_.begin(), witnesses_.end(), is_other) ||
         models_.OthersServed(model, kInUse, now_);
}

CoolDown Limits::BlameAccount(const Lease& lease, const std::string& upstream_code) {
  if (IsAnotherRefused(lease)) {
    models_.Reset(accused_->model, std::move(accused_->limit), std::move(accused_->served));
  }
  accused_.reset();
  if (LearnedLimit* model = models_.Find(lease.group)) model->Ended(lease.id, now_);
  const Lesson lesson = Tell(Evidence::What::kThrottled, lease, upstream_code);
  served_.Refused(lesson == Lesson::kFall ? 0 : LevelOf(lease));
  if (lesson == Lesson::kFall) fell_ = now_;
  const bool alone = lease.in_flight <= 1;
  if (lesson == Lesson::kCeiling && !alone) return {.scope = std::nullopt};
  return {.scope = Scope::kAccount, .alone = alone};
}

CoolDown Limits::BlameModel(const Lease& lease, const std::string& upstream_code) {
  Tell(Evidence::What::kEnded, lease);
  const std::string& model = lease.group;
  const int in_flight = lease.model_in_flight;
  // Nothing is learned of what is pinned, and it can't fall instead.
  if (IsPinned(model)) return {.scope = Scope::kModel};
  ServedLevels& served = models_.Served(model, now_);
  const LearnedLimit* before = models_.Find(model);
  if (before == nullptr || lease.granted > before->fallen()) {
    accused_ = Accused{model,
                       now_,
                       LevelOf(lease),
                       WasServed(lease),
                       before == nullptr ? std::nullopt : std::optional(*before),
                       served};
  }
  const bool fresh = before == nullptr && now_ - served.LastAt(in_flight) > kMemory;
  LearnedLimit& limit = models_.FindOrAdd(model, fresh ? in_flight - 1 : in_flight, now_);
  if (fresh && in_flight > 1) {
    // It has never served as many, but one less, just now: that is its limit.
    served.Refused(in_flight);
    limit.Assume(in_flight - 1, LearnedLimit::WhyThrottled(in_flight, upstream_code), now_);
    limit.Interrupt(now_);
    return {.scope = std::nullopt};
  }
  const Lesson lesson = limit.Throttled({lease.id, lease.granted, in_flight}, upstream_code, now_);
  limit.Ended(lease.id, now_);
  served.Refused(lesson == Lesson::kFall ? 0 : in_flight);
  const bool alone = in_flight <= 1;
  if (lesson != Lesson::kFall && !alone) return {.scope = std::nullopt};
  return {.scope = Scope::kModel, .alone = alone};
}

}  // namespace zbroker::core
