// The ledger as tables in memory: takes records, remembers what a new daemon has to know, and works
// out by itself what that means. It shares no code with the core or the real ledger, so that it can
// catch both.
#ifndef ZBROKER_TESTS_SIM_MODEL_LEDGER_H_
#define ZBROKER_TESTS_SIM_MODEL_LEDGER_H_

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "daemon/core/config.h"
#include "daemon/core/record.h"
#include "daemon/core/wall_clock.h"
#include "tests/testing/window_model.h"

namespace zbroker::sim {

class ModelLedger {
 public:
  // Fails the test when a lease is opened twice, or closed without being open, when a refund is
  // not what the lease was charged, and when a block is removed that is not there.
  void Write(const std::vector<core::Record>& records);

  // The machine has booted anew: what its old clock showed as t, the new one would show as t +
  // `shift`. Every holder died with it, so the leases that were open are lost.
  void MachineRestarted(absl::Duration shift);
  // The wall clock shows so much more than it did. What former boots wrote is known by the wall
  // clock only.
  void WallClockStepped(absl::Duration step);

  core::LeaseId last_lease() const { return last_lease_; }
  // nullptr: it never was, or it is closed.
  const core::LeaseOpened* FindOpen(core::LeaseId lease) const;
  bool Knows(core::LeaseId lease) const { return leases_.contains(lease); }
  const std::set<core::LeaseId>& open() const { return open_; }
  std::vector<core::LeaseId> OpenLeases(const std::string& account) const;

  // What a window that is filled with what was written has in use at `now`.
  core::Amount Used(const std::string& account, const core::WindowConfig& window,
                    const core::WallClock& wall, BootTime now) const;

  // A block that stands at `now` and matches the request, nullptr if there is none.
  const core::Block* BlockAgainst(const std::string& account, const core::Request& request,
                                  BootTime now) const;
  // Whether something pauses the work at `now`, and all that is paused.
  bool IsPaused(const std::string& account, const core::Request& request,
                const core::Holder& holder, BootTime now) const;
  std::vector<core::Pause> PausesOf(const std::string& account, BootTime now) const;
  std::vector<core::Block> StandingBlocks(const std::string& account, BootTime now) const;

  // When the last charge was made, by the clocks as they are now.
  BootTime LastCharge() const;

  // Until when the last reading of the meter, unless somebody has doubted it, says that the window
  // is used up; long past if it does not.
  BootTime FullUntil(const std::string& account, const core::WindowConfig& window) const;
  // Whether a wall stands that a reading may end.
  bool HasWall(const std::string& account, BootTime now) const;

  // What leases were charged at `since` or later.
  core::Amount ChargedSince(const std::string& account, const std::string& window,
                            BootTime since) const;

  // Of walls, breakers and plans that were told and not ended.
  size_t OpenEpisodes(const std::string& account) const;

  core::Totals TotalsOf(const std::string& account) const;
  // The holders for which `alive` says so live.
  core::Recovered Recover(const std::map<int32_t, bool>& alive) const;
  // A daemon has started. What the one before heard at this very instant it may hear again: it does
  // not know of windows that its configuration lacked, and no real one starts so quickly.
  void NoteStart(BootTime now) { started_ = now; }

 private:
  using Key = std::pair<std::string, std::string>;  // account, window
  // The boot that wrote it.
  template <typename T>
  struct Dated {
    T value;
    int boot = 0;
  };
  struct Lease {
    core::LeaseOpened opened;
    int boot = 0;
    bool closed = false;
  };
  struct Charge {
    BootTime at;
    core::Amount amount;
    core::LeaseId lease = 0;  // 0: of none of ours
    int boot = 0;
    absl::Duration over;
  };

  void Take(const core::LeaseOpened& opened);
  void Take(const core::LeaseClosed& closed);
  void Take(const core::AccountSettings& settings);
  void Take(const core::PauseSet& set);
  void Take(const core::PauseEnded& ended);
  void Take(const core::BlockSet& set);
  void Take(const core::BlockRemoved& removed);
  void Take(const core::LimitLearned& learned);
  void Take(const core::LimitForgotten& forgotten);
  void Take(const core::ModelPinned& pinned);
  void Take(const core::ResetKnown& reset);
  void Take(const core::ForeignCharged& foreign);
  void Take(const core::MeterRead& read);
  // Fails the test when an episode begins or ends twice.
  void Take(const core::Happening& happening);
  void Take(const core::HooksTold&) {}
  bool RemoveBlock(const std::string& account, const core::Block& name);
  // What the lease charges the window is so much now.
  void SetCharge(const core::LeaseOpened& lease, const std::string& window, core::Amount amount,
                 int boot);
  static void PutIn(std::vector<Charge>& charges, Charge charge);
  // Moves every instant that was written by boots before `boot`.
  void Shift(absl::Duration shift, int boot);

  std::map<std::tuple<std::string, core::HappeningKind, std::string>, core::Happening> episodes_;
  int boot_ = 0;
  core::LeaseId last_lease_ = 0;
  std::map<core::LeaseId, Lease> leases_;
  std::set<core::LeaseId> open_;
  std::map<Key, std::vector<Charge>> charges_;  // by time
  std::optional<BootTime> started_;             // when the last daemon was
  std::map<std::string, core::Recovered::Account> accounts_;
  std::vector<Dated<core::BlockSet>> blocks_;
  std::map<std::tuple<std::string, std::string, core::HourClass>, Dated<core::LimitLearned>>
      limits_;
  std::map<Key, core::ModelPinned> pins_;  // by account and model
  std::map<std::pair<std::string, core::Part>, Dated<core::PauseSet>> pauses_;
  std::map<Key, Dated<core::ResetKnown>> resets_;
  std::map<std::string, Dated<core::MeterRead>> readings_;
};

}  // namespace zbroker::sim

#endif  // ZBROKER_TESTS_SIM_MODEL_LEDGER_H_
