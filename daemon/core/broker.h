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

#include <compare>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/node_hash_map.h"
#include "absl/functional/function_ref.h"
#include "client/base/clock.h"
#include "daemon/core/account.h"
#include "daemon/core/command.h"
#include "daemon/core/config.h"
#include "daemon/core/event.h"
#include "daemon/core/place_table.h"
#include "daemon/core/record.h"
#include "daemon/core/snapshot.h"
#include "daemon/core/timer_queue.h"
#include "daemon/core/wall_clock.h"

namespace zbroker::core {

class Broker {
 public:
  // Leases and waiters of one transport connection.
  static constexpr size_t kConnectionShareMax = 4096;
  // How long the place of a waiter is kept whose client vanished, or whose lease was sent back.
  static constexpr absl::Duration kPlaceKept = absl::Seconds(5);
  // How often a waiter hears of a change of its place.
  static constexpr absl::Duration kProgressInterval = absl::Seconds(1);

  explicit Broker(BrokerConfig config);

  // What the wall clock shows, which days, hours and calendars go by: to be said before anything
  // else, and after each step of it, before Reconfigure().
  void SetWallClock(const WallClock& wall) { wall_ = wall; }

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

  // The records could not be written. Takes back every lease they open, refuses every waiter, and
  // from now on everyone who asks, with UNAVAILABLE and `cause`. Leaves in `effects` the records
  // that still have to be written, and the events that may go out after that; `refusals` go out at
  // once.
  void LedgerFailed(const absl::Status& cause, Effects& effects,
                    std::vector<AddressedEvent>& refusals);
  void LedgerWorks() { ledger_error_ = absl::OkStatus(); }

  // The daemon is about to end: no new leases.
  void GoDown() { going_down_ = true; }

  const BrokerConfig& config() const { return config_; }
  Snapshot TakeSnapshot(BootTime now) const;

 private:
  enum class TimerKind : uint8_t { kLease, kWaiter, kProgress };
  struct TimerKey {
    TimerKind kind;
    uint64_t id;
    auto operator<=>(const TimerKey&) const = default;
    template <typename H>
    friend H AbslHashValue(H h, const TimerKey& key) {
      return H::combine(std::move(h), key.kind, key.id);
    }
  };
  // What a lease is granted on; see Lease.
  enum class Footing : uint8_t { kSlot, kTrial, kNested, kShadow };
  using TicketKey = std::pair<uint32_t, std::string>;  // uid, ticket
  using ProcessKey = std::pair<int32_t, uint64_t>;     // pid, start_ticks
  // Ordered sets, because what is done to all of them must happen in the same order every time.
  struct StreamContents {
    std::set<LeaseId> leases;
    std::set<WaiterId> waiters;
  };
  struct EndedLease {
    uint32_t uid = 0;
    Outcome outcome = Outcome::kOk;
    bool refunded = false;
  };

  // acquire.cc
  void Handle(const Acquire& acquire, BootTime now, Effects& effects);
  void Handle(const Cancel& cancel, BootTime now, Effects& effects);
  absl::Status CheckAcquire(const Acquire& acquire, BootTime now);
  bool Resume(const Acquire& acquire, BootTime now, Effects& effects);
  void Enqueue(const Acquire& acquire, Account& account, BootTime now);
  void PutInQueue(Account& account, Waiter& waiter, BootTime now);
  void TakeFromQueue(Account& account, const Waiter& waiter);
  void Admit(Account& account, BootTime now, Effects& effects);
  void AdmitNested(Account& account, BootTime now, Effects& effects);
  void Grant(Account& account, const Waiter& waiter, Footing footing, BootTime now,
             Effects& effects);
  void AnswerNewcomers(BootTime now, Effects& effects);
  void Refuse(WaiterId id, absl::Status why, std::vector<AddressedEvent>& events,
              std::optional<Block> block = std::nullopt);
  void TellGranted(const Account& account, const Lease& lease, std::vector<AddressedEvent>& events);
  // Refuses the waiter if a block matches it that it won't wait for.
  bool RefuseIfBlocked(const Account& account, const Waiter& waiter,
                       std::vector<AddressedEvent>& events);
  // Its client is gone: it stands aside, and its place is kept for a while.
  void SetAside(Waiter& waiter, BootTime now);
  void SetWaiterTimer(const Waiter& waiter);
  void ReportProgress(BootTime now, Effects& effects);
  // Ends the waiter's existence everywhere but in the ticket table.
  void Forget(const Waiter& waiter);

  // lifecycle.cc
  void Handle(const Release& release, BootTime now, Effects& effects);
  void Handle(const Renew& renew, BootTime now, Effects& effects);
  void Handle(const Hello& hello, BootTime now, Effects& effects);
  void Handle(const StreamClosed& closed, BootTime now, Effects& effects);
  void Handle(const HolderExited& exited, BootTime now, Effects& effects);
  void Handle(const SetLimit& set, BootTime now, Effects& effects);
  void Handle(const SetPaused& set, BootTime now, Effects& effects);
  void Handle(const Revoke& revoke, BootTime now, Effects& effects);
  void ChangeSettings(const Client& client, const std::string& name, Effects& effects,
                      absl::FunctionRef<void(Account&, Done&)> change);
  void AttachLease(Lease& lease, const Client& client);
  void DetachLease(Lease& lease);
  void Quarantine(Lease& lease, Outcome ending, BootTime now, Effects& effects);
  void Close(LeaseId id, Outcome outcome, const ReleaseDetails& details, BootTime now,
             Effects& effects);
  // Ends the lease's existence in every table. Its session pays slot-time until `paid_until`.
  void Forget(const Lease& lease, BootTime paid_until, BootTime now);
  void LeaseTimeIsOver(LeaseId id, BootTime now, Effects& effects);

  // footing.cc
  // The open lease of the request's account under which its client was started, of the leases older
  // than `before`; nullptr if there is none.
  Lease* FindParent(const Request& request, uint32_t uid, LeaseId before);
  // The same, if it can host the lease.
  Lease* FindHost(const Lease& lease);
  bool CanHost(const Lease& lease) const;
  void Nest(Lease& lease, Lease& host);
  // Takes the slot that the lease needs, if it is neither nested nor a shadow.
  void PutInSlot(Account& account, Lease& lease, absl::Duration expected, BootTime now);
  // Hands on what the lease has: its slot to its guest, its place with its host to the next.
  void GiveUpSlot(Account& account, const Lease& lease, BootTime paid_until, BootTime now);
  void LeaveSlot(Account& account, const Lease& lease, BootTime paid_until);
  // The shadow would have waited until now: from now on it is a lease like others.
  void EndShadow(Account& account, Lease& shadow, absl::Duration expected, BootTime now);
  // Among the leases that a former daemon left, finds those that were shadows.
  void RestoreShadows(Account& account);
  // Gives slots that are free to shadows that need nothing else.
  void PromoteShadows(Account& account, BootTime now);
  // What is left of the charges after what the lease's host has been charged for it already.
  std::vector<Amount> SetOff(Lease& lease, const Account& account,
                             const std::vector<Amount>& charges);
  void ReturnCredit(const Lease& lease);

  // signal.cc
  // Does what the upstream's answer asks for, before the lease is closed.
  void ActOn(const Lease& lease, Outcome outcome, const ReleaseDetails& details, BootTime now,
             Effects& effects);
  void SetBlock(Account& account, Block block, Effects& effects);
  void RemoveBlock(Account& account, const Block& block, Effects& effects);
  // Ends all blocks, a standing breaker only if `breaker`.
  void EndBlocks(Account& account, bool breaker, BootTime now, Effects& effects, Done& done);

  // broker.cc
  // Settings, totals, limits, blocks, charges and resets of the accounts that are there.
  void Remember(const Recovered& recovered, BootTime now);
  Account* FindAccount(const std::string& name);
  // As above, but an empty name is the default account, and a retired one is none.
  Account* FindConfigured(const std::string& name);
  // Computes anew what the account's waiters would charge.
  void Reprice(Account& account, BootTime now, Effects& effects);
  void RecordKnowledge(Account& account, Effects& effects);
  void ShrinkShare(ConnectionId connection);

  BrokerConfig config_;
  std::map<std::string, Account> accounts_;
  absl::node_hash_map<LeaseId, Lease> leases_;
  absl::node_hash_map<WaiterId, Waiter> waiters_;

  // Indices over the two above.
  absl::flat_hash_map<TicketKey, std::pair<WaiterId, LeaseId>> tickets_;  // one of the two is 0
  absl::flat_hash_map<StreamId, StreamContents> streams_;
  absl::flat_hash_map<ProcessKey, std::set<LeaseId>> holders_;
  absl::flat_hash_map<ConnectionId, size_t> shares_;

  // How the latest leases ended, so that a repeated release can be answered.
  absl::flat_hash_map<LeaseId, EndedLease> ended_;
  std::deque<LeaseId> ended_order_;
  PlaceTable<TicketKey> sent_back_{kPlaceKept};

  TimerQueue<TimerKey> timers_;
  std::vector<WaiterId> newcomers_;  // of this batch; not told anything yet
  absl::flat_hash_map<WaiterId, WaitState> told_;
  WallClock wall_;
  LeaseId last_lease_ = 0;
  WaiterId last_waiter_ = 0;
  BootTime gathering_until_;  // while clients of a former daemon may name their arrival
  absl::Status ledger_error_;
  bool going_down_ = false;
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_BROKER_H_
