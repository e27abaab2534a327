// One random history of a broker, from a seed, with the invariants of the design checked after
// every step.
#ifndef ZBROKER_TESTS_SIM_HISTORY_H_
#define ZBROKER_TESTS_SIM_HISTORY_H_

#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "daemon/core/broker.h"
#include "tests/sim/model_ledger.h"

namespace zbroker::sim {

// Clients come, ask, release, vanish, die and come back; administrators meddle; the configuration
// changes; the ledger fails; the daemon dies. Time moves by anything from nothing to minutes.
class History {
 public:
  explicit History(uint32_t seed);

  void Step();

  // Ends pauses and blocks, and from then on releases every lease as soon as it is granted. Fails
  // the test unless everybody who waits is granted: nobody starves.
  void Drain();

  // Everything that happened, as text: two histories of one seed must agree.
  const std::string& transcript() const { return transcript_; }

 private:
  int Random(int below) { return static_cast<int>(random_() % static_cast<uint32_t>(below)); }
  bool Chance(int percent) { return Random(100) < percent; }
  core::BrokerConfig RandomConfig();
  core::WindowConfig RandomWindow(int number);
  core::WeekHours AnHour();
  core::ReleaseDetails RandomDetails();

  void Ask();
  void Release();
  void Cancel();
  void CloseStream();
  void KillProcess();
  void Reconnect();
  void Administrate();
  void Reconfigure();
  void RestartDaemon();

  core::Client& AnyClient();
  core::StreamId NewStream(int32_t pid);
  std::optional<core::LeaseId> AnyLease();
  std::string AnyAccount();

  void Apply(const core::Command& command);
  // Ends the batch: settles, writes (or fails to), reads the events, checks.
  void Commit();
  void ReadEvents(const std::vector<core::AddressedEvent>& events);
  void PassTime();
  void PassTimeUntil(BootTime until);
  void Note(const std::string& what) { transcript_ += what + "\n"; }

  // The invariants of DESIGN section 9, by their numbers.
  void CheckInvariants();
  void CheckInFlight(const core::AccountSnapshot& account);           // 1, 4, 6
  void CheckCaps(const core::AccountSnapshot& account) const;         // 1
  void CheckNothingAdmissible(const core::AccountSnapshot& account);  // 3
  void CheckNotNestable(const core::AccountSnapshot& account, const core::AccountConfig& config,
                        const core::WaiterSnapshot& one) const;
  bool IsBarred(const core::AccountSnapshot& account, const core::AccountConfig& config,
                const core::Waiter& waiter) const;
  bool OpenExcess(const core::AccountSnapshot& account, const std::string& window) const;
  static bool InPoolAlready(const core::AccountSnapshot& account, core::LeaseId host, size_t pool);
  int InPool(const core::AccountSnapshot& account, size_t pool) const;
  const core::AccountConfig& ConfigOf(const std::string& account) const;
  void CheckBlocks(const core::AccountSnapshot& account);
  void CheckGrantsOf(const core::Effects& effects);
  void CheckWindows(const core::AccountSnapshot& account);  // 2, 6, 7

  std::mt19937 random_;
  core::BrokerConfig config_;
  std::optional<core::Broker> broker_;
  BootTime now_ = BootTime::FromMicros(1'000'000'000'000);
  ModelLedger ledger_;
  bool ledger_fails_ = false;   // the next writes will fail
  bool ledger_failed_ = false;  // the broker has been told
  core::Effects batch_;
  std::vector<core::Record> unwritten_;
  std::map<core::StreamId, core::Client> streams_;
  std::map<int32_t, bool> alive_;  // by pid
  core::StreamId last_stream_ = 0;
  int32_t last_pid_ = 100;
  int last_ticket_ = 0;
  std::vector<std::string> tickets_;
  std::set<core::LeaseId> granted_now_;  // by the batch that was committed last
  std::set<std::pair<std::string, std::string>> charged_now_;  // accounts and windows
  std::string transcript_;
};

}  // namespace zbroker::sim

#endif  // ZBROKER_TESTS_SIM_HISTORY_H_
