// The ledger as a table in memory: takes records, remembers what a new daemon has to know. It
// shares no code with the core or the real ledger, so that it can catch both.
#ifndef ZBROKER_TESTS_SIM_MODEL_LEDGER_H_
#define ZBROKER_TESTS_SIM_MODEL_LEDGER_H_

#include <map>
#include <string>
#include <vector>

#include "daemon/core/config.h"
#include "daemon/core/record.h"
#include "daemon/core/wall_clock.h"

namespace zbroker::sim {

class ModelLedger {
 public:
  // Fails the test when a lease is opened twice, or closed without being open, when a refund is
  // not what the lease was charged, and when a block is removed that is not there.
  void Write(const std::vector<core::Record>& records);

  struct Entry {
    core::LeaseOpened opened;
    bool closed = false;
  };
  const std::map<core::LeaseId, Entry>& leases() const { return leases_; }
  std::vector<core::LeaseId> OpenLeases(const std::string& account) const;

  // What a window that is filled with what was written has in use at `now`.
  core::Amount Rebuilt(const std::string& account, const core::WindowConfig& window,
                       const core::WallClock& wall, BootTime now) const;
  // The sum of what was charged in (now - length, now].
  core::Amount Used(const std::string& account, const core::WindowConfig& window,
                    BootTime now) const;

  // A block that stands at `now` and matches the request, nullptr if there is none.
  const core::Block* BlockAgainst(const std::string& account, const core::Request& request,
                                  BootTime now) const;
  size_t StandingBlocks(const std::string& account, BootTime now) const;

  bool KnowsReset(const std::string& account, const std::string& window) const;
  core::Totals TotalsOf(const std::string& account) const;
  std::vector<core::Recovered::PastCharges> Charges() const;
  // The holders for which `alive` says so live.
  core::Recovered Recover(const std::map<int32_t, bool>& alive) const;

 private:
  bool RemoveBlock(const std::string& account, const core::Block& name);

  std::map<core::LeaseId, Entry> leases_;
  std::map<std::string, core::Recovered::Account> accounts_;
  std::vector<core::BlockSet> blocks_;
  std::map<std::pair<std::string, core::HourClass>, core::LimitLearned> limits_;
  std::map<std::pair<std::string, std::string>, core::ResetKnown> resets_;
};

}  // namespace zbroker::sim

#endif  // ZBROKER_TESTS_SIM_MODEL_LEDGER_H_
