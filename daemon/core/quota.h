// The windows of one account: what leases charge them, from the grant to the end, whether there is
// room, and what the provider says of their resets.
//
// A window is reached by its number inside this class and by its name outside of it; a name keeps
// its number for the life of the account, so charges of leases outlive any change of the
// configuration. Not thread-safe.
#ifndef ZBROKER_DAEMON_CORE_QUOTA_H_
#define ZBROKER_DAEMON_CORE_QUOTA_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client/base/clock.h"
#include "daemon/core/charges.h"
#include "daemon/core/config.h"
#include "daemon/core/lease.h"
#include "daemon/core/meter.h"
#include "daemon/core/prices.h"
#include "daemon/core/record.h"
#include "daemon/core/snapshot.h"
#include "daemon/core/wall_clock.h"
#include "daemon/core/window.h"

namespace zbroker::core {

class Quota {
 public:
  // Takes a new configuration. The windows start empty; what leases have charged is counted again
  // with Recall() and RecallLease().
  void Configure(const AccountConfig& config);

  // What a former daemon or the configuration before knew. First the charges, leases' included,
  // then the foreign ones, the resets and the reading, then Advance(), and then the open leases.
  void Recall(const Recovered::PastCharges& past);
  void Recall(const ForeignCharged& past);
  void Recall(const ResetKnown& known);
  void Recall(const MeterRead& read);
  // The charges of an open lease that the ledger names.
  Charges Named(const std::vector<Charge>& charges);
  // Whether the lease went beyond a limit is not remembered, so it counts as if it did.
  void RecallLease(Charges& charges);

  // Lets charges age out. All that is asked for is as of the last call.
  void Advance(BootTime now, const WallClock& wall);
  // An instant after `time` before which no price changes.
  absl::Time NextPriceChange(absl::Time time) const { return prices_.NextChange(time); }

  // What a lease for the request would take if it were granted at `at`.
  Charges Price(const Request& request, BootTime at) const;
  // FAILED_PRECONDITION when it can never fit into its window, and would be waited for.
  absl::Status CheckFits(const Charges& charges) const;

  // The windows, by their place in the configuration, that have no room for the charges.
  WindowSet Lacking(const Charges& charges) const;
  // When all of them have room if nothing else is charged; long past if they have it.
  BootTime RoomAt(const Charges& charges) const;
  // When the first of those that have no room for the charges has it; InfiniteFuture() if that is
  // no matter of time, or none lacks it.
  BootTime NextRoom(const Charges& charges) const;
  // The window that holds such charges up longest, and when it has room: empty where that is a
  // matter of another lease's end, as where a limit is probed.
  struct Lack {
    std::string window;
    std::optional<BootTime> room;
  };
  std::optional<Lack> Explain(const Charges& charges) const;
  // The window that is to be charged and of which the meter says that it is used up, for longest:
  // the upstream would refuse the request.
  std::optional<Lack> UsedUp(const Charges& charges) const;
  // The windows whose pace background work with these charges would be ahead of; and the one of
  // them that puts it off for longest, until `room`. `made`: they are made already.
  WindowSet Ahead(const Charges& charges) const;
  std::optional<Lack> ExplainPace(const Charges& charges, bool made = false) const;
  // Until when background work had better wait because it will be charged less then; empty: it had
  // not.
  struct Cheaper {
    BootTime at;
    double weight_now = 1;
  };
  std::optional<Cheaper> CheaperLater(const Request& request, const Charges& charges) const;
  // The name of a window in the set that these charge too; empty if there is none.
  std::string Shared(WindowSet windows, const Charges& charges) const;
  // Whether the charges, which were made without asking for room, would have found it.
  bool FitWithin(const Charges& charges) const;
  // When the next charge leaves any window.
  BootTime NextRelease() const;

  // Counts the charges of a lease that is granted at `at`.
  void Charge(Charges& charges, BootTime at);
  // The lease has ended: what it had begun beyond a limit is over; and, if the charges are to be
  // taken back, they never were.
  void End(const Charges& charges, BootTime at, bool take_back);
  // Brings the charges of a lease that has ended in line with what it used, as far as that was not
  // set off against another lease's, and learns from it. Returns what has changed, for the ledger.
  std::vector<core::Charge> Settle(const Lease& lease, const Charges& set_off,
                                   const TokenUsage& usage);
  // For those who are not the core.
  std::vector<core::Charge> Names(const Charges& charges) const;

  // The upstream has told when windows are reset that limit the lease: those of the length that it
  // names; without a length the only one that it can have meant.
  void LearnReset(const Lease& lease, BootTime reset, std::optional<absl::Duration> length);
  // The provider's meter was read: windows are reset when it says so, used up where it says so, and
  // what it has counted and we have not, or the other way round, is a foreign charge. `under_way`
  // is what leases were charged that were granted before it was asked and are open yet. Those that
  // have ended meanwhile are taken to be counted; the next reading puts that right if they are not.
  // Readings come in order.
  // REQUIRES: it was not heard at this very instant before.
  void HearMeter(MeterRead read, const Charges& under_way, BootTime now,
                 std::vector<Record>& records);
  // Somebody knows better than that windows are used up.
  void DoubtMeter(std::vector<Record>& records);
  // The last that was heard; empty: nothing.
  const std::optional<MeterRead>& reading() const { return reading_; }
  std::optional<BootTime> heard() const { return heard_; }

  // The windows whose known reset has changed since the last call.
  std::vector<ResetKnown> TakeResets();

  std::vector<WindowSnapshot> View() const;
  const Prices& prices() const { return prices_; }

 private:
  struct Entry {
    Window window;
    Charges::WindowId id = 0;
    std::optional<BootTime> recorded_reset;

    const std::string& name() const { return window.config().name; }
  };

  Charges::WindowId IdOf(const std::string& name);
  Entry* Find(const std::string& name);
  // nullptr for a window that is not configured any more.
  Entry* Find(Charges::WindowId id);
  const Entry* Find(Charges::WindowId id) const;
  // What is left of the reading when its windows can't have meant it.
  void DropImplausible(MeterRead& read) const;
  static void SetFull(Window& window, const MeterRow* row, BootTime asked);
  size_t IndexOf(const Entry& entry) const { return static_cast<size_t>(&entry - entries_.data()); }

  std::string account_;
  bool shadow_ = false;
  bool off_peak_ = false;
  std::vector<Entry> entries_;      // in the configuration's order
  std::vector<std::string> names_;  // by number, of windows that are gone too
  Prices prices_{AccountConfig{}};
  WallClock wall_;
  BootTime now_;
  std::optional<MeterRead> reading_;
  std::optional<BootTime> heard_;  // when it came, or at least those that charged something
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_QUOTA_H_
