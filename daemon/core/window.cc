#include "daemon/core/window.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/time/civil_time.h"

namespace zbroker::core {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);
constexpr absl::Duration kMicrosecond = absl::Microseconds(1);
// A request reaches the provider so much later than its lease was granted, at most, and its clock
// may differ from ours.
constexpr absl::Duration kSlack = absl::Seconds(10);
constexpr absl::Duration kClocksDiffer = absl::Minutes(5);
// Of charges so old only the minutes are kept, in periodic windows.
constexpr absl::Duration kKeptExact = kDay;
constexpr absl::int128 kMostMicros = static_cast<int64_t>(Amount::kLargest) * 1'000'000;
constexpr BootTime kEarliest = BootTime::FromMicros(std::numeric_limits<int64_t>::min());

int64_t MinuteOf(BootTime at) {
  constexpr int64_t kMinute = 60'000'000;
  return at.micros() / kMinute - (at.micros() % kMinute < 0 ? 1 : 0);
}

absl::int128 AtLeastNothing(absl::int128 amount) { return std::max<absl::int128>(amount, 0); }

// Months by the calendar, an hour more where clocks are put back.
absl::Duration LongestPeriod(const WindowConfig& config) {
  return config.months > 0 ? config.months * 31 * kDay + absl::Hours(1) : config.length;
}

}  // namespace

Window::Window(WindowConfig config) : config_(std::move(config)) { Recount(); }

absl::Duration Window::History(const WindowConfig& config) {
  return LongestPeriod(config) + kSlack;
}

bool Window::periodic() const {
  return !rolling() && (config_.anchor || config_.months > 0 || config_.length >= kDay);
}

void Window::Advance(BootTime now) {
  now_ = now;
  if (rolling() || now_ >= period_.end) Recount();
  const BootTime since = now_ - History(config_);
  while (first_ > 0 && entries_.front().at <= since) {
    entries_.pop_front();
    --first_;
  }
  if (periodic() && entries_.size() >= merge_at_) Merge();
}

void Window::Merge() {
  const BootTime recent = now_ - kKeptExact;
  // Of the largest amounts, 9,200 would overflow.
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max() / 2;
  size_t kept = 0;
  size_t left = 0;  // of those kept, what has left
  for (size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    Entry* last = kept > 0 ? &entries_[kept - 1] : nullptr;
    if (last != nullptr && i != first_ && entry.at < recent && last->origin == entry.origin &&
        MinuteOf(last->at) == MinuteOf(entry.at) && last->amount.micros() < kMost &&
        entry.amount.micros() < kMost) {
      last->amount += entry.amount;
      continue;
    }
    if (i < first_) ++left;
    entries_[kept++] = entry;
  }
  entries_.resize(kept);
  entries_.shrink_to_fit();
  first_ = left;
  // So that merging costs no more than adding has.
  merge_at_ = 2 * kept + kMergeFrom;
}

void Window::SetWallClock(WallClock wall) {
  if (wall == wall_) return;
  wall_ = wall;
  Recount();
}

void Window::Add(BootTime at, Amount amount) {
  if (amount != Amount()) Insert({at, amount});
}

void Window::AddForeign(BootTime at, Amount amount, absl::Duration over) {
  Insert({at, amount, over <= RateSpan() ? Origin::kForeign : Origin::kForeignLevel});
}

void Window::Enter(const Entry& entry) {
  used_us_ += entry.amount.micros();
  if (entry.origin != Origin::kLease) foreign_us_ += entry.amount.micros();
}

void Window::Leave(const Entry& entry) {
  used_us_ -= entry.amount.micros();
  if (entry.origin != Origin::kLease) foreign_us_ -= entry.amount.micros();
}

void Window::Insert(Entry entry) {
  const BootTime at = entry.at;
  const auto place =
      !entries_.empty() && at < entries_.back().at
          ? std::upper_bound(entries_.begin(), entries_.end(), at,
                             [](BootTime time, const Entry& one) { return time < one.at; })
          : entries_.end();
  entries_.insert(place, entry);
  if (at >= period_.begin) {
    Enter(entry);
  } else {
    ++first_;
  }
  if (rolling()) return;
  if (periodic()) {
    if (reset_ || config_.anchor) return;
    reset_ = at;
  } else {
    // One exactly at the begin of a period is what began it; see BeginOf.
    if (reset_ && at < *reset_ && at + config_.length != *reset_) return;
    if (!reset_ || at >= *reset_) reset_ = at + config_.length;
  }
  Recount();
}

void Window::Remove(BootTime at, Amount amount) {
  const std::optional<size_t> index = Find(at, amount);
  if (!index) return;
  if (*index >= first_) used_us_ -= amount.micros();
  entries_[*index].amount -= amount;
  if (entries_[*index].amount == Amount()) {
    if (*index < first_) --first_;
    entries_.erase(entries_.begin() + static_cast<ptrdiff_t>(*index));
  }
  if (rolling()) return;
  const size_t next = LowerBound(at);
  if (periodic()) {
    if (config_.anchor || reset_ != at) return;
    reset_ = next < entries_.size() ? std::optional(entries_[next].at) : std::nullopt;
    return Recount();
  }
  if (reset_ != at + config_.length) return;
  const BootTime began = next < entries_.size() ? entries_[next].at : at;
  reset_ = next < entries_.size() ? began + config_.length : began;
  Recount();
}

void Window::Replace(BootTime at, Amount old_amount, Amount new_amount) {
  if (old_amount == Amount()) return Add(at, new_amount);
  if (new_amount == Amount()) return Remove(at, old_amount);
  const std::optional<size_t> index = Find(at, old_amount);
  if (!index) return;
  entries_[*index].amount += new_amount - old_amount;
  if (*index >= first_) used_us_ += new_amount.micros() - old_amount.micros();
}

void Window::SetReset(BootTime at) {
  reset_ = at;
  if (!rolling() && !periodic()) {
    // Charges since then have begun periods of their own.
    for (size_t i = LowerBound(*reset_); i < entries_.size(); i = LowerBound(*reset_)) {
      reset_ = entries_[i].at + config_.length;
    }
  }
  Recount();
}

bool Window::IsPlausibleReset(BootTime at) const {
  return at > now_ && at <= now_ + LongestPeriod(config_) + kClocksDiffer;
}

Amount Window::used() const {
  return Amount::FromMicros(
      static_cast<int64_t>(std::clamp<absl::int128>(used_us_, 0, kMostMicros)));
}

Amount Window::beyond_used() const {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  return Amount::FromMicros(
      static_cast<int64_t>(std::clamp<absl::int128>(used_us_ - used().micros(), -kMost, kMost)));
}

Amount Window::foreign() const {
  return Amount::FromMicros(
      static_cast<int64_t>(std::clamp<absl::int128>(foreign_us_, -kMostMicros, kMostMicros)));
}

Amount Window::ChargedSince(BootTime since) const {
  absl::int128 sum = 0;
  for (size_t i = std::max(first_, LowerBound(since)); i < entries_.size(); ++i) {
    if (entries_[i].origin == Origin::kLease) sum += entries_[i].amount.micros();
  }
  return Amount::FromMicros(static_cast<int64_t>(std::min(sum, kMostMicros)));
}

bool Window::Fits(Amount amount) const {
  return AtLeastNothing(used_us_) + amount.micros() <= config_.limit.micros();
}

bool Window::Exceeds(Amount amount) const {
  return config_.enforce == Enforce::kProbe && amount > Amount() && !full() && !Fits(amount);
}

bool Window::HasRoomFor(Amount amount) const {
  if (config_.enforce == Enforce::kOff || amount == Amount()) return true;
  if (full()) return false;
  return Fits(amount) || (config_.enforce == Enforce::kProbe && open_excess_ == 0);
}

bool Window::CanEverFit(Amount amount) const {
  return config_.enforce != Enforce::kHard || amount <= config_.limit;
}

BootTime Window::RoomAt(Amount amount) const {
  if (config_.enforce == Enforce::kOff || amount == Amount()) return now_;
  if (!full()) return RoomByCharges(amount);
  // Where the limit is probed, that is possible again then.
  return config_.enforce == Enforce::kProbe ? *full_until_
                                            : std::max(*full_until_, RoomByCharges(amount));
}

BootTime Window::RoomByCharges(Amount amount) const {
  if (Fits(amount)) return now_;
  if (amount > config_.limit) return BootTime::InfiniteFuture();
  if (!rolling()) return period_.end;
  absl::int128 left = used_us_;
  for (size_t i = first_; i < entries_.size(); ++i) {
    const BootTime at = entries_[i].at;
    if (at + config_.length >= period_.end) break;
    left -= entries_[i].amount.micros();
    // What is less than nothing may leave with it.
    if (i + 1 < entries_.size() && entries_[i + 1].at == at) continue;
    if (AtLeastNothing(left) + amount.micros() <= config_.limit.micros()) {
      return at + config_.length;
    }
  }
  return period_.end;
}

BootTime Window::PaceAt(Amount amount) const {
  constexpr double kAhead = 0.02;
  if (!config_.pace || period_.end == BootTime::InfiniteFuture()) return now_;
  // What charges more than there is has its turn in a period that nobody has used.
  const int64_t charge = std::min(amount.micros(), config_.limit.micros());
  const double share = static_cast<double>(AtLeastNothing(used_us_) + charge) /
                       static_cast<double>(config_.limit.micros());
  // The provider may have named a reset that is more than a length away.
  if (share <= kAhead) return now_;
  const absl::Duration length = period_.end - period_.begin;
  return std::max(now_, period_.begin + length * std::min(share - kAhead, 1.0));
}

std::optional<BootTime> Window::NextRelease() const {
  const auto next = std::find_if(entries_.begin() + static_cast<ptrdiff_t>(first_), entries_.end(),
                                 [](const Entry& entry) { return entry.amount > Amount(); });
  if (next == entries_.end()) return std::nullopt;
  return rolling() ? std::min(next->at + config_.length, period_.end) : period_.end;
}

std::optional<BootTime> Window::reset() const {
  if (period_.end == BootTime::InfiniteFuture()) return std::nullopt;
  return period_.end;
}

absl::Duration Window::RateSpan() const {
  return config_.months > 0 ? absl::Hours(1) : std::min(config_.length / 5, absl::Hours(1));
}

double Window::Rate() const {
  const absl::Duration span = RateSpan();
  double sum = 0;
  for (size_t i = entries_.size(); i > 0 && entries_[i - 1].at > now_ - span; --i) {
    if (entries_[i - 1].origin == Origin::kForeignLevel) continue;
    sum += static_cast<double>(entries_[i - 1].amount.micros());
  }
  return std::max(sum, 0.0) / absl::ToDoubleMicroseconds(span);
}

std::optional<BootTime> Window::RunsOut() const {
  if (full()) return now_;
  if (config_.limit == Amount()) return std::nullopt;
  const auto room = [&](absl::int128 used_us) {
    return static_cast<double>(config_.limit.micros() - AtLeastNothing(used_us));
  };
  if (room(used_us_) <= 0) return now_;
  const double rate = Rate();
  if (rate == 0) return std::nullopt;
  // Used up at the rate from now on, if of the charges of today only so much still counts.
  const auto used_up = [&](absl::int128 used_us) {
    return now_ + absl::Microseconds(room(used_us) / rate);
  };
  BootTime end = period_.end;
  absl::int128 left = used_us_;
  if (rolling()) {
    for (size_t i = first_; i < entries_.size(); ++i) {
      const BootTime leaves = entries_[i].at + config_.length;
      if (leaves >= end || used_up(left) < leaves) break;
      left -= entries_[i].amount.micros();
    }
    // From then on what is charged now leaves, as fast as more is charged.
    end = std::min(end, now_ + config_.length);
  }
  const BootTime at = used_up(left);
  return at < end ? std::optional(at) : std::nullopt;
}

Period<BootTime> Window::CurrentPeriod() const {
  if (rolling()) {
    const BootTime begin = now_ - config_.length + kMicrosecond;
    if (!reset_) return {begin, BootTime::InfiniteFuture()};
    if (*reset_ <= now_) return {std::max(begin, *reset_), BootTime::InfiniteFuture()};
    return {std::max(begin, BeginOf(*reset_)), *reset_};
  }
  if (!reset_ && !config_.anchor) return {kEarliest, BootTime::InfiniteFuture()};
  if (!periodic()) {
    if (*reset_ <= now_) return {*reset_, BootTime::InfiniteFuture()};
    return {BeginOf(*reset_), *reset_};
  }
  if (config_.months > 0) return CurrentMonths();
  const BootTime any =
      reset_ ? *reset_ : wall_.BootAt(absl::FromCivil(*config_.anchor, config_.zone));
  return PeriodAt(now_, any, config_.length);
}

Period<BootTime> Window::CurrentMonths() const {
  MonthlyReset monthly{.months = config_.months, .zone = config_.zone};
  absl::Duration below_second;
  if (reset_) {
    const absl::Time at = wall_.At(*reset_);
    monthly.first = absl::ToCivilSecond(at, config_.zone);
    below_second = at - absl::FromUnixSeconds(absl::ToUnixSeconds(at));
  } else {
    monthly.first = *config_.anchor;
  }
  monthly.day = monthly.first.day();
  const bool last_day = (absl::CivilDay(monthly.first) + 1).day() == 1;
  if (config_.anchor && last_day) monthly.day = std::max(monthly.day, config_.anchor->day());
  const Period<absl::Time> period = monthly.PeriodAt(wall_.At(now_) - below_second);
  return {wall_.BootAt(period.begin + below_second), wall_.BootAt(period.end + below_second)};
}

BootTime Window::BeginOf(BootTime end) const {
  const BootTime begin = end - config_.length;
  const size_t index = LowerBound(begin);
  const bool began_here = !rolling() && index < entries_.size() && entries_[index].at == begin;
  return began_here ? begin : begin - kSlack;
}

void Window::Recount() {
  period_ = CurrentPeriod();
  while (first_ < entries_.size() && entries_[first_].at < period_.begin) {
    Leave(entries_[first_++]);
  }
  while (first_ > 0 && entries_[first_ - 1].at >= period_.begin) Enter(entries_[--first_]);
}

size_t Window::LowerBound(BootTime at) const {
  const auto found =
      std::lower_bound(entries_.begin(), entries_.end(), at,
                       [](const Entry& entry, BootTime time) { return entry.at < time; });
  return static_cast<size_t>(found - entries_.begin());
}

std::optional<size_t> Window::Find(BootTime at, Amount amount) const {
  for (size_t i = LowerBound(at); i < entries_.size() && entries_[i].at == at; ++i) {
    if (entries_[i].origin == Origin::kLease && entries_[i].amount == amount) return i;
  }
  return periodic() && at < now_ - kKeptExact ? FindMinute(at, amount) : std::nullopt;
}

std::optional<size_t> Window::FindMinute(BootTime at, Amount amount) const {
  // A minute is dated by its first charge.
  for (size_t i = LowerBound(at + kMicrosecond); i > 0; --i) {
    if (MinuteOf(entries_[i - 1].at) != MinuteOf(at)) break;
    const Entry& entry = entries_[i - 1];
    if (entry.origin == Origin::kLease && entry.amount >= amount) return i - 1;
  }
  return std::nullopt;
}

}  // namespace zbroker::core
