// How many requests the upstream serves at once, of an account or of one model, learned from its
// answers: the provider publishes no figure, and moves it with the hour and for moments.
//
// In two sentences: when the upstream throttles, the limit is halved, and climbs back as long as
// what it grants is served, to just below what was refused. Now and then, when somebody waits, one
// lease is granted beyond the limit, to find out whether there is more room.
//
// Why it is built like this. Latency says nothing, as answers take from 2 to 56 s in normal use; so
// the only way to learn of more room is to ask for it, and what it may cost is one throttle. That
// one is cheap if it is made on purpose: only a lease whose client takes it back into the queue is
// used for a trial, so that no program sees it, and the cool-down after it lasts two seconds. What
// a trial finds is followed up at once: as long as each is served, the next one starts, so that a
// climb takes seconds a slot. This is also why halving is the better way down: a throttle says that
// the limit has moved, not how far, and looking for it from below costs no throttle but the last.
//
// The time between trials weighs their throttles against the time in which a rise goes unnoticed.
// If rises come at a rate r and are worth v slots, trials of cost c every T cost c / T + r v T / 2,
// which is least at T = sqrt(2 c / (r v)). At a low limit there is more to be gained, and what has
// not moved for long will not soon: so T grows with the root of the limit, and with the root of the
// time that it has stood, once that is more than kYoung. kIntervalOfOne is what serves best in the
// simulation of tests/bench among those that meet the design's figure for throttles.
//
// Dips. A limit that falls may have moved, or come back in seconds; the first throttle tells
// nothing of that. So what was lost is tried again after about the length of a request, and after
// each refusal some times as late, until that is as rarely as for a limit that has moved: a dip
// costs about its own length, a move a handful of throttles. When the limit is back where it was
// before it fell, it was a dip, and all is as before it. A trial after a fall need not wait until
// the lower limit is proven: the halving was a guess, and whatever is still in flight was served.
#ifndef ZBROKER_DAEMON_CORE_LEARNED_LIMIT_H_
#define ZBROKER_DAEMON_CORE_LEARNED_LIMIT_H_

#include <array>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/base/clock.h"
#include "daemon/core/config.h"
#include "daemon/core/lease.h"
#include "daemon/core/words.h"

namespace zbroker::core {

// The lease that an answer of the upstream is about.
struct LimitEvidence {
  LeaseId lease = 0;
  BootTime granted;
  int in_flight = 0;  // of those that are evidence, right after its grant, itself included
};

// What is known for one class of hours: what a ledger has to keep, and status to show.
struct LearnedState {
  HourClass hours = HourClass::kOffPeak;
  int start = 0;            // the configured limit that learning began with
  int limit = 0;            // min to max
  int ceiling = 0;          // one more than this was refused; not below the limit
  BootTime confirmed;       // when that was last seen
  absl::Duration interval;  // from then to the next trial beyond the ceiling
  BootTime changed;         // when the limit became what it is
  std::string why;          // "throttled (1302) with 4 in flight"

  bool operator==(const LearnedState&) const = default;
};

// What a throttle has shown.
enum class Lesson {
  kNothing,  // it belongs to what is known already, or may be about something else
  kCeiling,  // a trial was refused: the limit is right
  kFall,     // the limit was too high
};

// How rarely trials are made.
struct Patience {
  double factor = 1;  // of the intervals between trials of a limit that has not fallen lately
  // From a fall to the first trial, in lengths of a request, as throttles are weighed against what
  // is served; and how much later each one is that follows a refused one.
  double lengths = 1.25;
  absl::Duration longest = absl::Seconds(18);  // of the first
  double rarer = 5;
};

// Of an account or a model. Pure and deterministic: time is an argument, and must not run
// backwards. While the limit is pinned or learning is off, the caller uses none of it and tells it
// nothing. Not thread-safe.
class LearnedLimit {
 public:
  // An upstream refuses at once: what has been in flight for so long is served.
  static constexpr absl::Duration kProof = absl::Seconds(5);
  // What ends so soon after a trial began may have left the upstream before the trial reached it,
  // which then was not one too many, whatever became of it. Of requests shorter than some times
  // that, it is a part of their length: those who serve them so quickly are near.
  static constexpr absl::Duration kOverlap = absl::Milliseconds(500);
  static constexpr int kOverlapPart = 8;
  // The longest from one that did not overlap to the next.
  static constexpr absl::Duration kAnotherMoment = absl::Seconds(2);
  // Until a new account's first trial: its configured limit is a guess.
  static constexpr absl::Duration kFirstInterval = absl::Minutes(1);
  // Between trials at a limit of one that has not stood for longer than kYoung.
  static constexpr absl::Duration kIntervalOfOne = absl::Minutes(5);
  static constexpr absl::Duration kYoung = absl::Hours(1);
  static constexpr absl::Duration kLongestInterval = absl::Minutes(30);
  // The least from a fall to the first trial.
  static constexpr absl::Duration kSoonest = absl::Seconds(1);

  // The configured limit counts as a ceiling that was confirmed now.
  LearnedLimit(const SlotsConfig& config, HourClass hours, BootTime now,
               const Patience& patience = Patience());

  // Takes a new configuration. What was learned stays, within the new bounds, unless another limit
  // is configured to start with.
  void Configure(const SlotsConfig& config, BootTime now);

  // So many are known to be served at once, and no more.
  void Assume(int limit, std::string why, BootTime now);

  // Takes up what was learned by a former daemon, unless it started from another configuration.
  void Restore(LearnedState state);

  // Other hours have begun. What was learned for them before applies: at once if it is lower, else
  // as the ceiling that the limit climbs to.
  void EnterClass(HourClass hours, BootTime now);

  // Another limit was in force until now, or is from now on: a trial under way shows nothing, and
  // throttles of leases granted so far tell nothing of this one.
  void Interrupt(BootTime now);

  // Brings what depends on time up to `now`: MayTry() and NextChange() are as of the last call, and
  // a trial that has been in flight for kProof has succeeded. To be called before they are used.
  void Advance(BootTime now);
  // When Advance() would change anything, if nothing else happens first; later than the last one.
  BootTime NextChange() const;

  // "throttled (1302) with 4 in flight". `upstream_code` may be empty.
  static std::string WhyThrottled(int in_flight, absl::string_view upstream_code);

  // The slots that may be taken.
  int limit() const { return current().limit; }
  int ceiling() const { return current().ceiling; }
  HourClass hours() const { return hours_; }
  const LearnedState& current() const { return *states_[Index(hours_)]; }
  // Of any class of hours; empty if it has not come yet.
  const std::optional<LearnedState>& Of(HourClass hours) const { return states_[Index(hours)]; }

  // Whether one lease may be granted although all limit() slots are taken: a trial. It must be one
  // whose client reports what the upstream answered and takes a throttle back into the queue; and
  // the account must not be blocked, which is not known here.
  bool MayTry() const;
  // The grant was made.
  void BeginTrial(const LimitEvidence& trial, BootTime now);
  // Leases granted until then tell nothing of this limit.
  BootTime fallen() const { return fallen_; }
  bool trial_under_way() const { return trial_.has_value(); }

  // What becomes of every lease. Served: it has ended well, as its client reports.
  void Served(const LimitEvidence& lease, BootTime now);
  // Throttled, for too many at once. Leases that were granted before the limit last fell tell
  // nothing new. `upstream_code` may be empty.
  Lesson Throttled(const LimitEvidence& lease, absl::string_view upstream_code, BootTime now);
  // Ended in any other way, or without a report: it says nothing of the limit itself.
  void Ended(LeaseId lease, BootTime now);

  // It counts as changed, whatever happens.
  void MarkChanged() { changed_ = true; }
  // The state that has changed since the last call and should be recorded.
  std::optional<LearnedState> TakeChange();

 private:
  static constexpr size_t Index(HourClass hours) { return static_cast<size_t>(hours); }
  LearnedState& state() { return *states_[Index(hours_)]; }
  LearnedState Initial(BootTime now) const;
  void Clamp(LearnedState& state) const;
  absl::Duration IntervalFor(int limit, absl::Duration stood) const;
  absl::Duration Soonest() const;
  absl::Duration Overlap() const;
  absl::Duration AnotherMoment() const;
  void EndTrial(BootTime now);
  BootTime NextTry() const;
  void NoteEnd(BootTime now);
  void Rise(BootTime now);
  void RiseInDip(LearnedState& learned);
  void Fall(const LimitEvidence& lease, std::string why, BootTime now);
  void ConfirmCeiling(std::string why, BootTime now);

  SlotsConfig config_;
  Patience patience_;
  HourClass hours_;
  BootTime now_;
  std::array<std::optional<LearnedState>, 2> states_;  // by class; that of hours_ is there
  std::optional<absl::Duration> length_;               // of a request that was served, on average
  std::optional<LimitEvidence> trial_;                 // under way
  bool overlapped_ = false;  // with all that were in flight when it began, as far as is known
  // After one that did not, the next begins at another moment: requests of one length that began
  // together end together, and whatever begins at an end of theirs overlaps with none of them.
  BootTime not_before_ = BootTime() - absl::InfiniteDuration();
  LeaseId last_trial_ = 0;  // the one that made the limit what it is
  // Leases granted until then belong to the burst that made the limit fall.
  BootTime fallen_ = BootTime() - absl::InfiniteDuration();
  // What was known before the limit fell, as long as it may come back soon.
  std::optional<LearnedState> before_;
  bool proven_ = false;   // a lease that took the last slot of the limit has been served since
  bool doubted_ = false;  // throttled with few slots taken, and not served since
  bool changed_ = false;
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_LEARNED_LIMIT_H_
