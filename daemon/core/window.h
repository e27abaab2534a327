// A quota over time: what has been charged to it, and when there is room again.
//
// Three ways in which charges leave, exact to the microsecond:
//
//   rolling        A charge at t counts from t up to but not including t + length.
//   periodic       Anchored, with an anchor in the configuration, or a day or longer: all charges
//                  leave at resets that are one length apart, or some months by the calendar of the
//                  anchor's zone. Where nothing is known of the resets, the first charge is taken
//                  for one.
//   from first use Anchored, shorter than a day and without an anchor: the first charge begins a
//                  period, and one length later all that it has seen leaves. The first charge after
//                  that begins the next.
//
// The provider documents a five-hour window that rolls, and captures show one fixed instant five
// hours from the first use; weeks and months count from the purchase. So whichever way it is, what
// the provider says of a reset is believed over what was reckoned: SetReset().
//
// What others use of the quota, as the provider's meter tells it, is charged like a lease, dated at
// the reading; where we had counted too much, it is less than nothing. A window that the meter
// calls used up has no room, whatever was counted: SetFull().
//
// A periodic window may see a million charges until its reset, and sums are all that it needs of
// them. So those older than a day are kept by the minute: a reset that is moved into one of these
// minutes takes either all of it or nothing. Everything else is exact.
//
// All of it is a function of the charges of the last History(), the foreign ones too, of what
// known_reset() returns and SetFull() was told, of the time and of the wall clock. A ledger that
// keeps all but the last two can build the window anew.
//
// Not thread-safe.
#ifndef ZBROKER_DAEMON_CORE_WINDOW_H_
#define ZBROKER_DAEMON_CORE_WINDOW_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "absl/numeric/int128.h"
#include "absl/time/time.h"
#include "client/base/clock.h"
#include "daemon/core/config.h"
#include "daemon/core/period.h"
#include "daemon/core/wall_clock.h"

namespace zbroker::core {

class Window {
 public:
  explicit Window(WindowConfig config);

  // Charges made so long ago don't count any more, and never will.
  static absl::Duration History(const WindowConfig& config);

  const WindowConfig& config() const { return config_; }

  // Lets charges leave. Every query below is as of the last Advance. REQUIRES: time does not go
  // back.
  void Advance(BootTime now);

  // Anchors and calendar months go by it; before the first call it is at the epoch when the boot
  // clock is at zero. A step of the wall clock moves their resets, back again if it is undone.
  void SetWallClock(WallClock wall);

  // Counts a charge. Charges may come in any order of time; nearly all come last. O(1) for these.
  // One that comes late neither begins a period nor counts in one that has begun after it.
  void Add(BootTime at, Amount amount);

  // Counts use that no lease of ours made; less than nothing takes back what leases were counted
  // too much. It leaves, and begins a period, as a lease's charge, even if it is nothing. It came
  // about within `over` before `at`: forecasts go by it where that is short enough to speak of a
  // rate.
  void AddForeign(BootTime at, Amount amount, absl::Duration over);

  // Takes back one charge made at `at`, O(log n) if it is a recent one. If it alone began a period,
  // the next one does. REQUIRES: it was added; if it has left meanwhile, nothing happens.
  void Remove(BootTime at, Amount amount);

  // Changes what one charge made at `at` counts, O(log n). REQUIRES: as Remove.
  void Replace(BootTime at, Amount old_amount, Amount new_amount);

  // The provider has said that the window is reset at this instant. Charges made before it leave
  // then at the latest. Those made more than one length before it have left already, whatever was
  // reckoned, as the window is one length; but charges of the ten seconds before that count as made
  // then, because the provider sees a request later than we do. Periodic windows are reset again
  // one length later, and so on; an anchor keeps its day of the month, where that month was too
  // short for it. The instant may have passed, as it has when a window is built anew from a ledger.
  // REQUIRES: it was plausible when it was said; a window that is built anew has its charges.
  void SetReset(BootTime at);

  // Whether the provider can have meant this window: the instant is ahead, by no more than one
  // length and five minutes, in which its clock may differ from ours.
  bool IsPlausibleReset(BootTime at) const;

  // The argument of SetReset() by which, after the same charges, another window comes to be as this
  // one. It changes in Add, Remove and SetReset only. Empty: nothing to remember.
  std::optional<BootTime> known_reset() const { return reset_; }

  // The provider has said that the window is used up until then; empty: that it is not. Where the
  // limit is enforced or probed, there is no room.
  void SetFull(std::optional<BootTime> until) { full_until_ = until; }
  bool full() const { return full_until_ && now_ < *full_until_; }
  // REQUIRES: full().
  BootTime full_until() const { return *full_until_; }

  // From nothing to Amount::kLargest.
  Amount used() const;
  // How far the sum lies beyond these bounds: less than nothing where what was taken back has
  // outlived what it was taken from.
  Amount beyond_used() const;
  // What of it is foreign.
  Amount foreign() const;
  // What of it leases were charged at `since` or later. Takes time linear in their number.
  Amount ChargedSince(BootTime since) const;

  // Whether a charge may be made now. Where the limit is enforced: if it fits; a charge that does
  // not fit where the limit is probed: if no lease that went beyond the limit is open.
  bool HasRoomFor(Amount amount) const;

  // Whether a charge may ever be made.
  bool CanEverFit(Amount amount) const;

  // The earliest instant at which, without further charges, it fits: now, or when enough has left;
  // InfiniteFuture() if it is larger than the limit. Takes time linear in the number of charges
  // that must leave.
  BootTime RoomAt(Amount amount) const;

  // Where background work is to keep pace: the earliest instant at which it may make the charge, if
  // nobody else makes one; now if it may. It may use the share of the limit that has passed of the
  // period, and 2% of the limit more: so it need not wait for its first charge, and nothing expires
  // that is held back until the last moment. Where it is not known when the period ends, it is now.
  BootTime PaceAt(Amount amount) const;

  // When a charge leaves next; empty if there is none.
  std::optional<BootTime> NextRelease() const;

  // When the window is reset next, as far as that is known.
  std::optional<BootTime> reset() const;

  // Whether the limit is probed and the charge would go beyond it. The lease for it is open from
  // BeginExcess() to EndExcess(), and while one is, no other goes beyond.
  bool Exceeds(Amount amount) const;
  void BeginExcess() { ++open_excess_; }
  void EndExcess() { --open_excess_; }

  // How many charges, or minutes of them, are kept in memory.
  size_t kept() const { return entries_.size(); }

  // When the limit is reached if charges go on as in the last hour, or in the last fifth of the
  // window if that is less: long enough to span the bursts in which agents work, short enough to be
  // what happens now. Empty if, at this rate, the window is reset or charges leave as fast before.
  // The present instant if it is reached. Takes time linear in the number of charges.
  std::optional<BootTime> RunsOut() const;

 private:
  static constexpr size_t kMergeFrom = 2048;  // fewer entries are left as they are

  enum class Origin : uint8_t {
    kLease,
    kForeign,       // made at the rate of the forecast's last hour
    kForeignLevel,  // found at a reading; how long it took is not known, or was long
  };
  struct Entry {
    BootTime at;
    Amount amount;  // of a lease more than nothing
    Origin origin = Origin::kLease;
  };

  bool rolling() const { return config_.kind == WindowKind::kRolling; }
  bool periodic() const;
  bool Fits(Amount amount) const;
  void Insert(Entry entry);
  // From now on it counts, or does not.
  void Enter(const Entry& entry);
  void Leave(const Entry& entry);
  BootTime RoomByCharges(Amount amount) const;

  // From when on charges count, and when all leave, InfiniteFuture() if that is not known.
  Period<BootTime> CurrentPeriod() const;
  Period<BootTime> CurrentMonths() const;
  // The begin of a period from first use, or of one that the provider has reset at `end`.
  BootTime BeginOf(BootTime end) const;
  // Brings everything in line with CurrentPeriod().
  void Recount();

  // Indices into entries_: of the first entry at or after `at`; of this lease's charge, if it is
  // there.
  size_t LowerBound(BootTime at) const;
  std::optional<size_t> Find(BootTime at, Amount amount) const;
  // The minute that a charge has been merged into.
  std::optional<size_t> FindMinute(BootTime at, Amount amount) const;
  // Merges what may be kept by the minute.
  void Merge();
  // By what is charged now, forecasts tell what will be.
  absl::Duration RateSpan() const;
  // Charges per microsecond, in millionths.
  double Rate() const;

  WindowConfig config_;
  WallClock wall_;
  BootTime now_;
  std::deque<Entry> entries_;  // by time; all of the last History()
  size_t first_ = 0;           // entries from this one on count
  size_t merge_at_ = kMergeFrom;
  // The sum of these, in millionths; 9,200 of the largest overflow 64 bits. Less than nothing while
  // what a foreign charge took back has left before it.
  absl::int128 used_us_ = 0;
  absl::int128 foreign_us_ = 0;  // of it
  // From first use: when the present or last period ends. Rolling: what the provider said.
  // Periodic: any reset.
  std::optional<BootTime> reset_;
  std::optional<BootTime> full_until_;
  Period<BootTime> period_;
  int open_excess_ = 0;
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_WINDOW_H_
