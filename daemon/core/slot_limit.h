// The slot limit in force, and why it is what it is.
//
// In falling order: what an administrator has pinned; what a schedule says for these hours, or
// less, if throttles have shown that it is too much; what was learned; what is configured. Not
// thread-safe.
#ifndef ZBROKER_DAEMON_CORE_SLOT_LIMIT_H_
#define ZBROKER_DAEMON_CORE_SLOT_LIMIT_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "client/base/clock.h"
#include "daemon/core/config.h"
#include "daemon/core/learned_limit.h"
#include "daemon/core/slot_source.h"
#include "daemon/core/wall_clock.h"

namespace zbroker::core {

// What is known of the limit at some hours.
struct KnownLimit {
  LearnedState state;
  size_t schedule = 0;    // whose hours they are, 1 for the first; 0: none's
  bool in_force = false;  // these hours are now
  // Whether throttles or trials have shown anything of it; else it is as configured.
  bool tested = false;
  bool ceiling_known = false;  // one more than the ceiling was refused
};

// The same of a model, or of a pool that learns.
struct KnownModelLimit {
  std::string model;
  int limit = 0;
  LearnedState state;     // what was learned; says nothing of one that is pinned
  bool pinned = false;    // by an administrator
  bool in_force = false;  // else it is of other hours, or another is pinned
  bool ceiling_known = false;
  int in_flight = 0;
  std::optional<BootTime> next_trial;  // now included; empty: not by time
  bool trial_under_way = false;
};

class SlotLimit : public SlotSource {
 public:
  // A trial under way shows nothing once learning was off or a schedule in force in between.
  void Configure(const AccountConfig& config, BootTime now);

  void Pin(std::optional<int> limit, BootTime now);
  std::optional<int> pinned() const { return pinned_; }
  int ValueIfPinned(std::optional<int> pin) const;

  // Finds what the present hours are. To be called before anything else is used, after Configure,
  // and at NextHours().
  void EnterHours(BootTime now, const WallClock& wall);
  // Lets trials succeed.
  void Advance(BootTime now) override;
  BootTime NextChange() const override;
  // An instant after `time` before which no schedule and no class of hours begins or ends.
  absl::Time NextHours(absl::Time time) const;

  int value() const override;
  LimitSource source() const;
  // What it would be if nothing were pinned or learned.
  int configured() const;

  // See LearnedLimit. Nothing is learned while the limit is pinned, or if it is not to be.
  bool MayTry() const override;
  Lesson Hear(const Evidence& evidence, BootTime now) override;
  std::optional<LearnedState> TakeChange();
  // REQUIRES: EnterHours() was called.
  void Restore(const LearnedState& state);
  // What is known for the hours that are now and for others; empty if the account does not learn.
  std::vector<KnownLimit> Known() const;
  // When one slot more may be tried, now included; empty if that is not a matter of time.
  std::optional<BootTime> NextTrial(BootTime now) const;
  bool TrialUnderWay() const;
  HourClass hours() const { return learned_[index_].hours(); }

 private:
  // The one for the present hours; nullptr if the account does not learn.
  LearnedLimit* active() { return learns() ? &learned_[index_] : nullptr; }
  const LearnedLimit* active() const { return learns() ? &learned_[index_] : nullptr; }
  bool learns() const { return config_.learn && !learned_.empty(); }
  SlotsConfig ConfigOf(size_t schedule) const;
  KnownLimit KnownOf(size_t index, const LearnedState& state) const;

  SlotsConfig config_;
  WeekHours peak_;
  std::vector<ScheduleConfig> schedules_;
  std::optional<int> pinned_;
  // One for when no schedule matches, then one for each: what is learned in their hours stays in
  // them, and is not remembered over restarts. Empty before the first EnterHours.
  std::vector<LearnedLimit> learned_;
  size_t index_ = 0;  // into learned_
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_SLOT_LIMIT_H_
