// Every decision of the daemon, as a state machine: commands in, effects out.
//
// Deterministic: the same commands at the same times give the same effects. The caller
//   1. calls Restore() once, if a ledger remembers anything,
//   2. gives a batch of commands to Apply(), then calls Settle(), which fires timers and grants,
//   3. writes the records and only then delivers the events,
//   4. calls Settle() again by NextDeadline() at the latest.
// If the records can't be written, it calls LedgerFailed() with them, delivers what that leaves,
// and calls LedgerWorks() once they are written.
//
// Time must not run backwards between calls. Not thread-safe.
#ifndef ZBROKER_DAEMON_CORE_BROKER_H_
#define ZBROKER_DAEMON_CORE_BROKER_H_

#include <deque>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "client/base/clock.h"
#include "daemon/core/account.h"
#include "daemon/core/clients.h"
#include "daemon/core/command.h"
#include "daemon/core/config.h"
#include "daemon/core/episodes.h"
#include "daemon/core/event.h"
#include "daemon/core/explanation.h"
#include "daemon/core/record.h"
#include "daemon/core/snapshot.h"
#include "daemon/core/wall_clock.h"

namespace zbroker::core {

// Finds out whom a command is about, an account or the clients, and hands it on.
class Broker {
 public:
  // An arrival of before a restart is believed as far as it is not longer ago than this.
  static constexpr absl::Duration kArrivalOldest = absl::Hours(24);

  explicit Broker(BrokerConfig config);

  // What the wall clock shows, which days, hours and calendars go by: to be said before anything
  // else, and after each step of it, before Reconfigure().
  void SetWallClock(const WallClock& wall);

  // Takes up what a former daemon left. Its open leases wait to be re-claimed, except those whose
  // holder is dead, which go into quarantine, and those with a TTL, which starts anew.
  void Restore(const Recovered& recovered, BootTime now);

  // Replaces the configuration. `recovered` has the charges of every window of the new one, and the
  // accounts; not the leases, which stay. Waiters of accounts that are gone, or whose charge no
  // longer fits, are refused.
  void Reconfigure(BrokerConfig config, const Recovered& recovered, BootTime now, Effects& effects);

  void Apply(const Command& command, BootTime now, Effects& effects);
  void Settle(BootTime now, Effects& effects);
  BootTime NextDeadline() const;

  // The records could not be written, which are all of the last Settle() and of what was applied
  // before it. Takes back every lease that they open, refuses every waiter, and from now on
  // everyone who asks, with UNAVAILABLE and `cause`. Leaves in `effects` the records that still
  // have to be written, and the events that may go out after that; `refusals` go out at once.
  void LedgerFailed(const absl::Status& cause, Effects& effects,
                    std::vector<AddressedEvent>& refusals);
  void LedgerWorks() { ledger_error_ = absl::OkStatus(); }

  // The daemon is about to end: no new leases.
  void GoDown() { going_down_ = true; }

  const BrokerConfig& config() const { return config_; }
  Snapshot TakeSnapshot(BootTime now) const;
  // NOT_FOUND when the account is not there. As of the last Settle().
  absl::StatusOr<Explanation> Explain(const Question& question, BootTime now) const;

 private:
  void Handle(const Acquire& acquire, BootTime now, Effects& effects);
  void Handle(const Cancel& cancel, BootTime now, Effects& effects);
  void Handle(const Release& release, BootTime now, Effects& effects);
  void Handle(const Renew& renew, BootTime now, Effects& effects);
  void Handle(const Hello& hello, BootTime now, Effects& effects);
  void Handle(const StreamClosed& closed, BootTime now, Effects& effects);
  void Handle(const HolderExited& exited, BootTime now, Effects& effects);
  void Handle(const HolderStopped& stopped, BootTime now, Effects& effects);
  void Handle(const SetLimit& set, BootTime now, Effects& effects);
  void Handle(const SetPaused& set, BootTime now, Effects& effects);
  void Handle(const Revoke& revoke, BootTime now, Effects& effects);
  void Handle(const ReportMeter& report, BootTime now, Effects& effects);
  void Handle(const Note& note, BootTime now, Effects& effects);
  void Handle(const HooksTold& told, BootTime now, Effects& effects);

  // happenings.cc
  void RecallHappenings(const Recovered& recovered);
  void TellHappenings(BootTime now, Effects& effects);
  void TellLedger(BootTime now, std::vector<Record>& told);
  void TellClosed(const LeaseClosed& closed, BootTime now, std::vector<Record>& told);
  void TellLearned(const LimitLearned& learned, BootTime now, std::vector<Record>& told);

  Account& AccountOf(const Request& request) { return accounts_.at(request.account); }
  // nullptr if it is not configured; an empty name is the default account.
  Account* FindConfigured(const std::string& name);
  Account& AddAccount(const AccountConfig& config);
  // All that the ledger remembers of the accounts that are there, but for their leases. A block
  // that was over by `blocks_since` is nothing new.
  void Recall(const Recovered& recovered, BootTime blocks_since, BootTime now);
  absl::Status CheckAcquire(const Acquire& acquire, BootTime now);
  // Attaches the lease to the client that names it.
  void Reclaim(Lease& lease, const Client& client);
  void ChangeSettings(const Client& client, const std::string& account, Effects& effects,
                      absl::FunctionRef<absl::Status(Account&, Done&)> change);
  Account::Times times() const { return {config_.age_after, config_.unclean_hold}; }
  bool granting() const { return !going_down_ && ledger_error_.ok(); }

  BrokerConfig config_;
  WallClock wall_;
  Clients clients_;
  std::map<std::string, Account> accounts_;
  BootTime gathering_until_;  // while clients of a former daemon may name their arrival
  absl::Status ledger_error_;
  // Why it could not be written, since the last Settle() at least; empty: it could.
  std::string ledger_trouble_;
  Episodes episodes_;
  struct Throttles {
    std::deque<BootTime> at;  // the last ones
    bool told = false;
  };
  std::map<std::string, Throttles> throttles_;  // by account
  std::map<std::tuple<std::string, std::string, HourClass>, int> limits_told_;
  BootTime settled_;  // when it was last
  bool going_down_ = false;
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_BROKER_H_
