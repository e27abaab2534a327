#include "daemon/core/slot_limit.h"

#include <algorithm>
#include <utility>

namespace zbroker::core {
SlotsConfig SlotLimit::ConfigOf(size_t schedule) const {
  SlotsConfig config = config_;
  config.limit = config.max = schedules_[schedule].limit;
  config.min = std::min(config.min, config.limit);
  return config;
}

void SlotLimit::Configure(const AccountConfig& config, BootTime now) {
  if (config.slots.learn != config_.learn) {
    for (LearnedLimit& learned : learned_) learned.Interrupt(now);
  }
  if (schedules_ != config.schedules) {
    if (!learned_.empty()) learned_.erase(learned_.begin() + 1, learned_.end());
    // What was granted in the hours of one that is gone tells nothing of the limit without it.
    if (std::exchange(index_, 0) != 0) learned_[0].Interrupt(now);
  }
  config_ = config.slots;
  peak_ = config.peak;
  schedules_ = config.schedules;
}

void SlotLimit::Pin(std::optional<int> limit, BootTime now) {
  if (std::exchange(pinned_, limit) == limit) return;
  if (LearnedLimit* learned = active()) learned->Interrupt(now);
}

void SlotLimit::EnterHours(BootTime now, const WallClock& wall) {
  const absl::Time time = wall.At(now);
  const HourClass hours = peak_.Contains(time) ? HourClass::kPeak : HourClass::kOffPeak;
  if (learned_.empty()) learned_.emplace_back(config_, hours, now);
  learned_[0].Configure(config_, now);
  for (size_t i = 1; i <= schedules_.size(); ++i) {
    if (i == learned_.size()) learned_.emplace_back(ConfigOf(i - 1), hours, now);
    learned_[i].Configure(ConfigOf(i - 1), now);
  }
  const size_t before = std::exchange(index_, 0);
  for (size_t i = schedules_.size(); i > 0; --i) {
    if (schedules_[i - 1].when.Contains(time)) index_ = i;
  }
  if (index_ != before) learned_[index_].Interrupt(now);
  learned_[index_].EnterClass(hours, now);
}

void SlotLimit::Advance(BootTime now) {
  if (LearnedLimit* learned = active()) learned->Advance(now);
}

BootTime SlotLimit::NextChange() const {
  const LearnedLimit* learned = active();
  return learned == nullptr || pinned_ ? BootTime::InfiniteFuture() : learned->NextChange();
}

absl::Time SlotLimit::NextHours(absl::Time time) const {
  absl::Time next = peak_.NextChange(time);
  for (const ScheduleConfig& schedule : schedules_) {
    next = std::min(next, schedule.when.NextChange(time));
  }
  return next;
}

int SlotLimit::value() const { return ValueIfPinned(pinned_); }

int SlotLimit::ValueIfPinned(std::optional<int> pin) const {
  if (pin) return *pin;
  if (const LearnedLimit* learned = active()) return learned->limit();
  return configured();
}

int SlotLimit::configured() const {
  return index_ == 0 ? config_.limit : schedules_[index_ - 1].limit;
}

LimitSource SlotLimit::source() const {
  if (pinned_) return LimitSource::kPinned;
  const LearnedLimit* learned = active();
  if (learned != nullptr && learned->limit() != learned->current().start) {
    return LimitSource::kLearned;
  }
  return index_ == 0 ? LimitSource::kConfigured : LimitSource::kScheduled;
}

bool SlotLimit::MayTry() const {
  const LearnedLimit* learned = active();
  return learned != nullptr && !pinned_ && learned->MayTry();
}

Lesson SlotLimit::Hear(const Evidence& evidence, BootTime now) {
  LearnedLimit* learned = active();
  if (learned == nullptr) return Lesson::kNothing;
  const LimitEvidence about{evidence.lease, evidence.granted, evidence.in_flight};
  const bool counts = !pinned_ && evidence.in_flight > 0;
  Lesson lesson = Lesson::kNothing;
  switch (evidence.what) {
    case Evidence::What::kTrialBegan:
      learned->BeginTrial(about, now);
      return Lesson::kNothing;
    case Evidence::What::kServed:
      if (counts) learned->Served(about, now);
      break;
    case Evidence::What::kThrottled:
      if (counts) lesson = learned->Throttled(about, evidence.upstream_code, now);
      break;
    case Evidence::What::kEnded:
      break;
  }
  learned->Ended(evidence.lease, now);
  return lesson;
}

std::optional<LearnedState> SlotLimit::TakeChange() {
  LearnedLimit* learned = active();
  if (learned == nullptr || index_ != 0) return std::nullopt;
  return learned->TakeChange();
}

void SlotLimit::Restore(const LearnedState& state) { learned_[0].Restore(state); }

KnownLimit SlotLimit::KnownOf(size_t index, const LearnedState& state) const {
  const int max = index == 0 ? config_.max : schedules_[index - 1].limit;
  // Only what nobody has tested is to be tried so early.
  const bool tested = state.interval != LearnedLimit::kFirstInterval;
  return {.state = state,
          .schedule = index,
          .in_force = index == index_ && state.hours == learned_[index].hours(),
          .tested = tested,
          // Where nothing was refused, the bound of the configuration stands for it.
          .ceiling_known = tested && state.ceiling < max};
}

std::vector<KnownLimit> SlotLimit::Known() const {
  std::vector<KnownLimit> all;
  if (active() == nullptr) return all;
  for (const HourClass hours : {HourClass::kOffPeak, HourClass::kPeak}) {
    if (const auto& state = learned_[0].Of(hours)) all.push_back(KnownOf(0, *state));
  }
  for (size_t i = 1; i < learned_.size(); ++i) {
    all.push_back(KnownOf(i, learned_[i].current()));
  }
  return all;
}

std::optional<BootTime> SlotLimit::NextTrial(BootTime now) const {
  if (TrialUnderWay()) return std::nullopt;
  if (MayTry()) return now;
  const BootTime next = NextChange();
  return next == BootTime::InfiniteFuture() ? std::nullopt : std::optional(next);
}

bool SlotLimit::TrialUnderWay() const {
  const LearnedLimit* learned = active();
  return learned != nullptr && learned->trial_under_way();
}

}  // namespace zbroker::core
