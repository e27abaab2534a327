#include "daemon/core/learned_limit.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"

namespace zbroker::core {

std::string LearnedLimit::WhyThrottled(int in_flight, absl::string_view upstream_code) {
  const std::string code = upstream_code.empty() ? "" : absl::StrCat(" (", upstream_code, ")");
  return absl::StrCat("throttled", code, " with ", in_flight, " in flight");
}

LearnedLimit::LearnedLimit(const SlotsConfig& config, HourClass hours, BootTime now,
                           const Patience& patience)
    : config_(config), patience_(patience), hours_(hours), now_(now) {
  states_[Index(hours_)] = Initial(now);
}

// See the header.
absl::Duration LearnedLimit::IntervalFor(int limit, absl::Duration stood) const {
  const double lengths = std::max(absl::FDivDuration(stood, kYoung), 1.0);
  return patience_.factor * std::min(kIntervalOfOne * std::sqrt(limit * lengths), kLongestInterval);
}

absl::Duration LearnedLimit::Soonest() const {
  if (!length_) return patience_.longest;
  return std::clamp(*length_ * patience_.lengths, kSoonest, patience_.longest);
}

absl::Duration LearnedLimit::Overlap() const {
  return length_ ? std::min(*length_ / kOverlapPart, kOverlap) : kOverlap;
}

absl::Duration LearnedLimit::AnotherMoment() const {
  return length_ ? std::min(*length_ * 0.4, kAnotherMoment) : kOverlap;
}

LearnedState LearnedLimit::Initial(BootTime now) const {
  return {.hours = hours_,
          .start = config_.limit,
          .limit = config_.limit,
          .ceiling = config_.limit,
          .confirmed = now,
          .interval = kFirstInterval,
          .changed = now,
          .why = "as configured"};
}

void LearnedLimit::Assume(int limit, std::string why, BootTime now) {
  LearnedState& learned = state();
  learned.limit = learned.ceiling = limit;
  learned.confirmed = learned.changed = now;
  Clamp(learned);
  learned.interval = IntervalFor(learned.limit, absl::ZeroDuration());
  learned.why = std::move(why);
  changed_ = true;
}

void LearnedLimit::Clamp(LearnedState& state) const {
  state.limit = std::clamp(state.limit, config_.min, config_.max);
  state.ceiling = std::clamp(state.ceiling, state.limit, config_.max);
}

void LearnedLimit::Configure(const SlotsConfig& config, BootTime now) {
  if (config == config_) return;
  const bool restart = config.limit != config_.limit;
  config_ = config;
  changed_ = true;
  if (restart) {
    states_ = {};
    states_[Index(hours_)] = Initial(now);
    Interrupt(now);
    before_.reset();
    proven_ = false;
    return;
  }
  for (auto& one : states_) {
    if (one) Clamp(*one);
  }
}

void LearnedLimit::Restore(LearnedState state) {
  if (state.start != config_.limit) return;
  Clamp(state);
  state.interval = std::min(state.interval, kLongestInterval * patience_.factor);
  const HourClass hours = state.hours;
  states_[Index(hours)] = std::move(state);
  if (hours != hours_) return;
  trial_.reset();
  before_.reset();
  proven_ = false;
  changed_ = false;
}

void LearnedLimit::EnterClass(HourClass hours, BootTime now) {
  if (hours == hours_) return;
  const LearnedState before = current();
  hours_ = hours;
  std::optional<LearnedState>& entered = states_[Index(hours)];
  if (!entered) {
    entered = before;
    entered->hours = hours;
  }
  if (entered->limit < before.limit) fallen_ = now;
  if (entered->limit != before.limit) entered->changed = now;
  entered->limit = std::min(entered->limit, before.limit);
  trial_.reset();
  before_.reset();
  proven_ = false;
  doubted_ = false;
  changed_ = true;
}

void LearnedLimit::Interrupt(BootTime now) {
  trial_.reset();
  fallen_ = now;
}

void LearnedLimit::Advance(BootTime now) {
  now_ = now;
  if (trial_ && now >= trial_->granted + kProof) EndTrial(now);
}

// It was served.
void LearnedLimit::EndTrial(BootTime now) {
  if (overlapped_) return Rise(now);
  trial_.reset();
  not_before_ = now + AnotherMoment();
}

BootTime LearnedLimit::NextTry() const {
  if (trial_ || limit() >= config_.max) return BootTime::InfiniteFuture();
  if (proven_ && limit() < ceiling()) return std::max(now_, not_before_);
  if (!proven_ && !before_) return BootTime::InfiniteFuture();
  return std::max(current().confirmed + current().interval, not_before_);
}

bool LearnedLimit::MayTry() const { return NextTry() <= now_; }

BootTime LearnedLimit::NextChange() const {
  if (trial_) return trial_->granted + kProof;
  const BootTime next = NextTry();
  return next > now_ ? next : BootTime::InfiniteFuture();
}

void LearnedLimit::BeginTrial(const LimitEvidence& trial, BootTime now) {
  now_ = now;
  trial_ = trial;
  overlapped_ = true;
}

void LearnedLimit::Served(const LimitEvidence& lease, BootTime now) {
  now_ = now;
  const absl::Duration length = now - lease.granted;
  length_ = length_ ? *length_ * 0.9 + length * 0.1 : length;
  if (trial_ && lease.lease == trial_->lease) return EndTrial(now);
  NoteEnd(now);
  if (lease.granted <= fallen_) return;
  doubted_ = false;
  if (lease.in_flight >= limit()) proven_ = true;
}

void LearnedLimit::Rise(BootTime now) {
  last_trial_ = trial_->lease;
  trial_.reset();
  LearnedState& learned = state();
  learned.limit = std::min(learned.limit + 1, config_.max);
  learned.why = absl::StrCat(learned.limit, " in flight were served");
  learned.changed = now;
  proven_ = true;
  changed_ = true;
  if (before_) return RiseInDip(learned);
  if (learned.limit > learned.ceiling) {
    learned.ceiling = config_.max;
    learned.confirmed = now;
  }
  learned.interval = IntervalFor(learned.limit, absl::ZeroDuration());
}

// Towards what it was before: there nothing is to be found out that was not known.
void LearnedLimit::RiseInDip(LearnedState& learned) {
  if (learned.limit >= before_->limit) {
    learned.ceiling = std::max(before_->ceiling, learned.limit);
    learned.confirmed = before_->confirmed;
    learned.interval = before_->interval;
    before_.reset();
  } else if (learned.limit > learned.ceiling) {
    learned.ceiling = before_->limit;
  }
}

Lesson LearnedLimit::Throttled(const LimitEvidence& lease, absl::string_view upstream_code,
                               BootTime now) {
  now_ = now;
  std::string why = WhyThrottled(lease.in_flight, upstream_code);
  if (lease.granted <= fallen_) return Lesson::kNothing;
  if (trial_) {
    // One too many was in flight. Which of them the upstream saw last, and refused, is chance.
    trial_.reset();
    ConfirmCeiling(std::move(why), now);
    return Lesson::kCeiling;
  }
  // With few slots taken it may be about another machine; not if it happens again.
  const bool few = lease.in_flight * 2 < limit();
  if (few && !std::exchange(doubted_, true)) return Lesson::kNothing;
  Fall(lease, std::move(why), now);
  return Lesson::kFall;
}

void LearnedLimit::Ended(LeaseId lease, BootTime now) {
  if (trial_ && lease == trial_->lease) {
    trial_.reset();
  } else {
    NoteEnd(now);
  }
}

void LearnedLimit::NoteEnd(BootTime now) {
  if (trial_ && now < trial_->granted + Overlap()) overlapped_ = false;
}

// One more than the limit is refused, as it was before.
void LearnedLimit::ConfirmCeiling(std::string why, BootTime now) {
  LearnedState& learned = state();
  learned.ceiling = learned.limit;
  learned.confirmed = now;
  const absl::Duration settled = IntervalFor(learned.limit, now - learned.changed);
  learned.interval = before_ ? std::min(learned.interval * patience_.rarer, settled) : settled;
  if (learned.interval == settled) before_.reset();  // it has moved
  learned.why = std::move(why);
  changed_ = true;
}

void LearnedLimit::Fall(const LimitEvidence& lease, std::string why, BootTime now) {
  LearnedState& learned = state();
  if (!before_) before_ = learned;
  // What was granted in a trial was beyond the limit.
  const int in_flight = std::min(lease.in_flight, learned.limit + 1);
  // A trial that counted as served, and was refused after all, takes back what it gave.
  const int left = lease.lease == last_trial_ ? in_flight - 1 : in_flight / 2;
  learned.limit = std::clamp(left, config_.min, learned.limit);
  learned.ceiling = std::clamp(in_flight - 1, learned.limit, config_.max);
  learned.confirmed = learned.changed = now;
  learned.interval = Soonest();
  learned.why = std::move(why);
  fallen_ = now;
  proven_ = false;
  doubted_ = false;
  changed_ = true;
}

std::optional<LearnedState> LearnedLimit::TakeChange() {
  if (!std::exchange(changed_, false)) return std::nullopt;
  return current();
}

}  // namespace zbroker::core
