// One random history of a broker, from a seed, with the invariants of the design checked after
// every step.
#ifndef ZBROKER_TESTS_SIM_HISTORY_H_
#define ZBROKER_TESTS_SIM_HISTORY_H_

#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/sim/configs.h"
#include "tests/sim/model_ledger.h"
#include "tests/sim/twins.h"

namespace zbroker::sim {

// Whether the lease is one of those that are in flight.
inline bool HoldsSlot(const core::Lease& lease) {
  return lease.host == 0 && !lease.shadow && !lease.slotless;
}

// Clients come, ask, release, vanish, die and come back, one by one and in crowds; administrators
// meddle; the configuration changes; the ledger fails; the wall clock is set; the daemon ends,
// dies, and the machine with it. Time moves by anything from nothing to months.
class History {
 public:
  explicit History(uint32_t seed);

  void Step();

  // Ends pauses and blocks, and from then on releases every lease as soon as it is granted. Fails
  // the test unless everybody who waits is granted: nobody starves.
  void Drain();

  // Everything that happened, as text: two histories of one seed must agree.
  const std::string& transcript() const { return twins_.transcript(); }

 private:
  // Of an account, to tell whether what is said of it has a reason.
  struct Known {
    std::optional<core::HourClass> hours;   // of the last record
    bool paced = false;                     // something happened that spaces starts
    std::set<core::LeaseId> trials;         // that may yet show that the limit is higher
    bool pinned = false;                    // in this batch, after which they show nothing
    std::map<core::HourClass, int> limits;  // that were learned, as recorded
  };

  int Random(int below) { return static_cast<int>(random_() % static_cast<uint32_t>(below)); }
  bool Chance(int percent) { return Random(100) < percent; }

  // commands.cc
  void Command();
  void Ask();
  core::Acquire AnyAcquire();
  void Release();
  core::ReleaseDetails AnyDetails();
  void Cancel();
  void Crowd();
  void CrowdLeaves();
  void CloseStream();
  void KillProcess();
  void CommandEnds();
  void StopProcess();
  void Reconnect();
  void Renew();
  void Administrate();
  core::Part AnyPart();
  // meter.cc: what the provider says of the quota, by which the windows go from then on.
  void ReadMeter();
  core::ReportMeter AnyReport(const core::AccountConfig& account);
  core::MeterRow AnyRow(const core::WindowConfig& window);
  void CheckHeard(const core::ReportMeter& report);

  core::Client& AnyClient();
  core::StreamId NewStream(int32_t pid);
  std::optional<core::LeaseId> AnyLease();
  std::string AnyTicket();
  std::string AnyAccount();
  BootTime AnyInstant();

  // disasters.cc
  void Disaster();
  void Reconfigure(core::BrokerConfig config);
  void SetWallClock();
  void StepWallClock(absl::Duration step);
  // Starts may be spaced after walls that have not ended by then.
  void NoteWalls(const core::Recovered& recovered, BootTime since);
  void RestartDaemon();
  void EndDaemon();
  void RestartMachine();
  void Idle();

  // When room in a window is the soonest thing that a waiter waits for, else now; empty: nobody
  // waits.
  std::optional<BootTime> FirstRoom();

  void Apply(const core::Command& command);
  // Ends the batch: settles, writes (or fails to), reads the events, checks.
  void Commit();
  void Write(core::Effects& effects);
  void NoteGrants(const core::Effects& effects);
  void ReadEvents(const std::vector<core::AddressedEvent>& events);
  void PassTime();
  void PassTimeUntil(BootTime until);

  // invariants.cc: those of DESIGN section 9, by their numbers.
  void CheckInvariants(const core::Snapshot& snapshot);
  // What is needed to tell later whether a limit was learned from a trial.
  void NoteTrials(const core::Snapshot& snapshot);
  void CheckGrants(const core::Effects& effects);                // 1
  void CheckInFlight(const core::AccountSnapshot& account);      // 1, 4, 6
  void CheckCaps(const core::AccountSnapshot& account) const;    // 1
  void CheckTotals(const core::AccountSnapshot& account) const;  // 6
  void CheckBlocks(const core::AccountSnapshot& account);        // 6
  void CheckPauses(const core::AccountSnapshot& account);        // 6
  void CheckWindows(const core::AccountSnapshot& account);       // 2, 6, 7
  void CheckLearned(const std::vector<core::Record>& records);
  void CheckPriority(const core::LeaseOpened& opened) const;
  void CheckSlotless(const core::AccountSnapshot& account, const core::Lease& lease) const;
  static bool InPoolAlready(const core::AccountSnapshot& account, core::LeaseId host, size_t pool);
  int InPool(const core::AccountSnapshot& account, size_t pool) const;
  void CheckGroupCap(const core::AccountSnapshot& account, const std::string& group) const;
  // The limit of a model or of a pool that learns; nullptr: it has none.
  static const core::KnownModelLimit* LimitOf(const core::AccountSnapshot& account,
                                              const std::string& group);
  static int OfGroup(const core::AccountSnapshot& account, const std::string& group);
  const core::AccountConfig& ConfigOf(const std::string& account) const;

  // admissible.cc: 3.
  void CheckNothingAdmissible(const core::AccountSnapshot& account);
  void CheckPacing(const core::AccountSnapshot& account, const core::WaiterSnapshot& one) const;
  void CheckPutOff(const core::AccountSnapshot& account, const core::AccountConfig& config,
                   const core::WaiterSnapshot& one) const;
  void CheckNotNestable(const core::AccountSnapshot& account, const core::AccountConfig& config,
                        const core::WaiterSnapshot& one) const;
  // What a waiter is told is what keeps it, by the model's own reckoning.
  void CheckReason(const core::AccountSnapshot& account, const core::AccountConfig& config,
                   const core::WaiterSnapshot& one) const;
  // Whether nothing that becomes free would help the waiter.
  bool IsHeldUp(const core::AccountSnapshot& account, const core::Waiter& waiter) const;
  // Whether a slot, the next of `limit`, would not help the waiter, windows and order aside.
  bool IsBarred(const core::AccountSnapshot& account, const core::AccountConfig& config,
                const core::Waiter& waiter, int limit) const;
  static bool GroupIsFull(const core::AccountSnapshot& account, const std::string& group);
  bool IsPatient(const core::Waiter& waiter) const;
  static std::set<size_t> Paced(const core::AccountSnapshot& account,
                                const core::WaiterSnapshot& one);
  std::set<size_t> Lacking(const core::AccountSnapshot& account,
                           const core::WaiterSnapshot& one) const;

  std::mt19937 random_;
  Configs configs_{random_};
  Twins twins_;
  core::BrokerConfig config_;
  BootTime now_;
  core::WallClock wall_;
  ModelLedger ledger_;
  bool ledger_fails_ = false;   // the next writes will fail
  bool ledger_failed_ = false;  // the broker has been told
  bool going_down_ = false;
  bool clock_unread_ = false;  // the wall clock was set, and the ledger is not read again yet
  BootTime rules_changed_;     // by the last reload
  std::vector<core::Record> unwritten_;
  std::map<core::StreamId, core::Client> streams_;
  std::map<int32_t, bool> alive_;  // by pid
  std::vector<int32_t> living_;
  std::vector<int32_t> left_running_;  // pids of dead processes whose commands run on
  size_t streams_max_ = 0;
  int sessions_ = 0;
  core::StreamId last_stream_ = 0;
  int32_t last_pid_ = 100;
  int last_ticket_ = 0;
  // Acquires of the tickets that were used last, as they may be sent again.
  std::map<std::string, core::Acquire> asked_;
  std::vector<std::string> tickets_;
  std::map<std::string, Known> known_;   // by account
  std::set<core::LeaseId> granted_now_;  // by the batch that was committed last
  std::set<std::pair<std::string, std::string>> charged_now_;  // accounts and windows
};

}  // namespace zbroker::sim

#endif  // ZBROKER_TESTS_SIM_HISTORY_H_
