#include "daemon/core/learned_limit.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"

namespace zbroker::core {
namespace {

// See the header.
absl::Duration IntervalFor(int limit, absl::Duration stood) {
  const double lengths = std::max(absl::FDivDuration(stood, LearnedLimit::kYoung), 1.0);
  return std::min(LearnedLimit::kIntervalOfOne * std::sqrt(limit * lengths),
                  LearnedLimit::kLongestInterval);
}

std::string WhyThrottled(const LimitEvidence& lease, absl::string_view upstream_code) {
  const std::string code = upstream_code.empty() ? "" : absl::StrCat(" (", upstream_code, ")");
  return absl::StrCat("throttled", code, " with ", lease.in_flight, " in flight");
}

}  // namespace

LearnedLimit::LearnedLimit(const SlotsConfig& config, HourClass hours, BootTime now)
    : config_(config), hours_(hours), now_(now) {
  states_[Index(hours_)] = Initial(now);
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
  state.interval = std::clamp(state.interval, kFirstInterval, kLongestInterval);
  const HourClass hours = state.hours;
  states_[Index(hours)] = std::move(state);
  if (hours != hours_) return;
  trial_.reset();
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
  if (trial_ && now >= trial_->granted + kProof) Served(LimitEvidence(*trial_), now);
}

BootTime LearnedLimit::NextTry() const {
  if (trial_ || !proven_ || limit() >= config_.max) return BootTime::InfiniteFuture();
  if (limit() < ceiling()) return now_;
  return current().confirmed + current().interval;
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
  if (trial_ && lease.lease == trial_->lease) {
    if (overlapped_) return Rise(now);
    trial_.reset();
    return;
  }
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
  if (learned.limit > learned.ceiling) {
    learned.ceiling = config_.max;
    learned.confirmed = now;
  }
  learned.interval = IntervalFor(learned.limit, absl::ZeroDuration());
  proven_ = true;
  changed_ = true;
}

void LearnedLimit::Throttled(const LimitEvidence& lease, absl::string_view upstream_code,
                             BootTime now) {
  now_ = now;
  std::string why = WhyThrottled(lease, upstream_code);
  if (lease.granted <= fallen_) return;
  if (trial_) {
    // One too many was in flight. Which of them the upstream saw last, and refused, is chance.
    trial_.reset();
    return ConfirmCeiling(std::move(why), now);
  }
  // With few slots taken it may be about another machine; not if it happens again.
  const bool few = lease.in_flight * 2 < limit();
  if (few && !std::exchange(doubted_, true)) return;
  Fall(lease, std::move(why), now);
}

void LearnedLimit::Ended(LeaseId lease, BootTime now) {
  if (trial_ && lease == trial_->lease) {
    trial_.reset();
  } else {
    NoteEnd(now);
  }
}

void LearnedLimit::NoteEnd(BootTime now) {
  if (trial_ && now < trial_->granted + kOverlap) overlapped_ = false;
}

// One more than the limit is refused, as it was before.
void LearnedLimit::ConfirmCeiling(std::string why, BootTime now) {
  LearnedState& learned = state();
  learned.ceiling = learned.limit;
  learned.confirmed = now;
  learned.interval = IntervalFor(learned.limit, now - learned.changed);
  learned.why = std::move(why);
  changed_ = true;
}

void LearnedLimit::Fall(const LimitEvidence& lease, std::string why, BootTime now) {
  LearnedState& learned = state();
  // What was granted in a trial was beyond the limit.
  const int in_flight = std::min(lease.in_flight, learned.limit + 1);
  // A trial that counted as served, and was refused after all, takes back what it gave.
  const int left = lease.lease == last_trial_ ? in_flight - 1 : in_flight / 2;
  learned.limit = std::clamp(left, config_.min, learned.limit);
  learned.ceiling = std::clamp(in_flight - 1, learned.limit, config_.max);
  learned.confirmed = learned.changed = now;
  learned.interval = IntervalFor(learned.limit, absl::ZeroDuration());
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
