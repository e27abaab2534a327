// One subscription upstream, and the rules that hold between its parts: who asks, waits, is granted
// and ends, and what each of these does to the quota, the capacity, the queue and the nesting.
//
// The parts know nothing of each other; what concerns more than one of them happens here. Of the
// clients, whose leases and waiters all accounts share, an account touches its own only.
//
// Every call that is given the time brings the account up to it first. Not thread-safe.
#ifndef ZBROKER_DAEMON_CORE_ACCOUNT_H_
#define ZBROKER_DAEMON_CORE_ACCOUNT_H_

#include <array>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "daemon/core/capacity.h"
#include "daemon/core/charges.h"
#include "daemon/core/clients.h"
#include "daemon/core/command.h"
#include "daemon/core/config.h"
#include "daemon/core/episodes.h"
#include "daemon/core/event.h"
#include "daemon/core/explanation.h"
#include "daemon/core/left_behind.h"
#include "daemon/core/nesting.h"
#include "daemon/core/pauses.h"
#include "daemon/core/progress.h"
#include "daemon/core/quota.h"
#include "daemon/core/record.h"
#include "daemon/core/snapshot.h"
#include "daemon/core/trees.h"
#include "daemon/core/upstream_state.h"
#include "daemon/core/waiter_queue.h"
#include "daemon/core/wall_clock.h"

namespace zbroker::core {

class Account {
 public:
  // As in BrokerConfig.
  struct Times {
    absl::Duration age_after, unclean_hold;
  };

  Account(AccountConfig config, const Times& times, const WallClock& wall, Clients& clients);
  Account(const Account&) = delete;
  Account& operator=(const Account&) = delete;

  const std::string& name() const { return config_.name; }
  // No longer configured, but leases of it are open.
  bool retired() const { return retired_; }
  // Nothing is left of a retired one.
  bool empty() const { return open_.empty() && queue_.empty(); }

  // --- What a former daemon left, or the ledger knows. First the leases, by id; then, with neither
  // blocks nor pauses any more, all else but what was learned; Recalled(); then that, and the
  // shadows. Starts are spaced after a wall that has ended since `since`.

  void Recall(Lease lease, const std::vector<Charge>& charges, BootTime now);
  void Recall(const AccountSettings& settings, const Totals& totals, BootTime now);
  void ForgetStanding(BootTime since) {
    upstream_.Clear(since);
    pauses_ = {};
  }
  void Recall(const BlockSet& past) { upstream_.Recall(past.block); }
  void Recall(const Recovered::PastCharges& past) { quota_.Recall(past); }
  void Recall(const ForeignCharged& past) { quota_.Recall(past); }
  void Recall(const ResetKnown& known) { quota_.Recall(known); }
  void Recall(const MeterRead& read) { quota_.Recall(read); }
  void Recalled(BootTime now);
  void Recall(const LimitLearned& learned) { capacity_.Recall(learned); }
  void Recall(const PauseSet& past) { pauses_.Add(past.pause); }
  void Recall(const ModelPinned& pinned) { capacity_.PinModel(pinned.model, pinned.limit); }
  // Among the leases that a former daemon left, finds those that were shadows.
  void RecallShadows();

  // --- The configuration.

  // Takes a new one. What the ledger knows of the windows must be recalled after it, and then the
  // waiters must be put in line again with Requeue().
  void Configure(AccountConfig config, const Times& times, BootTime now);
  // It is not configured any more, and grants nothing.
  void Retire() { retired_ = true; }
  // Refuses the waiter if its charge can't fit any more.
  void Requeue(Waiter& waiter, BootTime now, Effects& effects);
  void SetWallClock(const WallClock& wall);

  // --- Who asks. See acquire.cc.

  // Whether there is room for one more in the queue, with which the places that are kept count, and
  // whether the windows can ever have room for it. Who has a place has room.
  absl::Status CheckRoom(const Acquire& acquire, size_t queue_max, BootTime now) const;
  // Whether its session, with those that it has started, has not too much open already.
  absl::Status CheckTree(const Acquire& acquire) const;
  // Waits, from `arrival` or where a place was kept, until Settle() grants or refuses it.
  void Ask(const Acquire& acquire, BootTime arrival, BootTime now);
  // An Acquire was sent again that waits already; its client may be another.
  void AskAgain(Waiter& waiter, const Acquire& acquire, BootTime now, Effects& effects);
  // The waiter is told why, and is no more.
  void Refuse(WaiterId id, absl::Status why, std::vector<AddressedEvent>& events,
              std::optional<Block> block = std::nullopt,
              std::optional<BootTime> until = std::nullopt);
  // Its time is over.
  void RefuseLate(Waiter& waiter, BootTime now, Effects& effects);
  // Its client is gone: its place is kept for a while.
  void SetAside(Waiter& waiter, BootTime now);

  // --- Who holds. See lifecycle.cc.

  void TellGranted(const Lease& lease, std::vector<AddressedEvent>& events) const;
  // Its client says that it is done. Answered here.
  void Release(Lease& lease, const core::Release& release, BootTime now, Effects& effects);
  // Its stream has ended: it may be re-claimed until then.
  void Orphan(Lease& lease, BootTime until, BootTime now);
  // Its holder is dead, or it was revoked: its slot is kept for a while, or until an instant that
  // is known, then it ends as `ending`.
  void Quarantine(Lease& lease, Outcome ending, BootTime now, Effects& effects) {
    QuarantineUntil(now + left_behind_.hold(), lease, ending, now, effects);
  }
  void QuarantineUntil(BootTime until, Lease& lease, Outcome ending, BootTime now,
                       Effects& effects);
  // Its time is over: quarantine begins, or ends.
  void TimeIsOver(Lease& lease, BootTime now, Effects& effects);

  // --- What administrators do.

  absl::Status Pin(const SetLimit& set, BootTime now, Effects& effects, Done& done);
  absl::Status Pause(const SetPaused& set, BootTime now, Effects& effects, Done& done);
  void Resume(const SetPaused& set, BootTime now, Effects& effects, Done& done);
  // What the provider's meter says enters the windows, and may end a wall. FAILED_PRECONDITION when
  // it says nothing of now; that is kept for who looks.
  absl::Status HearMeter(const ReportMeter& report, BootTime now, Effects& effects, Done& done);

  // --- Time.

  // Grants, if `granting`, and tells who waits what for.
  void Settle(bool granting, BootTime now, Effects& effects);
  BootTime NextDeadline(bool granting) const;
  // The last Settle() could not be recorded: the lease that it opened never was. REQUIRES: all of
  // its leases are taken back, the latest first.
  void TakeBack(LeaseId id);

  void View(BootTime now, AccountSnapshot& account) const;

  // --- Why nothing moves, or somebody does not. See explain.cc.

  void Explain(AccountExplanation& account) const;
  // Adds those of its waiters that the question names.
  void Explain(const Question& question, std::vector<WaiterExplanation>& waiters) const;
  // --- What is worth telling. See happenings.cc.

  struct HappeningTerms {
    absl::Duration long_wait;
    bool all_are_back = true;  // those who waited for this daemon have come by now
  };
  void TellHappenings(const HappeningTerms& terms, Episodes& episodes,
                      std::vector<Record>& records) const;
  // When the one that has waited longest has done so for that long; InfiniteFuture() if it has.
  BootTime NextLongWait(absl::Duration long_wait) const;

  LeaseSnapshot Look(const Lease& lease) const { return {lease, quota_.Names(lease.charges)}; }

 private:
  // What a lease is granted on.
  enum class Footing : uint8_t { kSlot, kTrial, kNested, kShadow, kSlotless };
  struct GrantStep;
  static const std::array<GrantStep, 7> kGrantSteps;

  void Advance(BootTime now);

  // acquire.cc
  Priority PriorityFor(const Acquire& acquire) const;
  std::string FindTree(const Acquire& acquire) const;
  // Of a waiter or a lease.
  template <typename Asked>
  static Trees::Key TreeOf(const Asked& asked) {
    return {asked.client.holder.uid, asked.request.tree};
  }
  // Whether no slot is needed for it. The provider counts calls of tools apart.
  bool GoesWithoutSlot(const Request& request) const {
    return request.kind == Kind::kMcp && !config_.mcp_slots;
  }
  void PutInQueue(Waiter& waiter, BootTime now);
  void TakeFromQueue(const Waiter& waiter);
  void Forget(WaiterId id);
  bool RefuseIfBlocked(const Waiter& waiter, std::vector<AddressedEvent>& events);
  void RefuseBlocked(std::vector<AddressedEvent>& events);
  void Reprice(Effects& effects);
  // Refuses newcomers that would have to wait and don't want to. Returns whether there were any.
  bool RefuseThoseWhoDoNotWait(Effects& effects);
  void AnswerNewcomers(Effects& effects);
  void ReportProgress(Effects& effects);

  // grant.cc
  void Admit(Effects& effects);
  void AdmitNested(Effects& effects);
  // Whether anybody can be granted on what is offered, which may be nothing.
  bool MayGrantOn(Capacity::Offer offer) const;
  static Footing FootingOn(Capacity::Offer offer);
  void Grant(const Waiter& waiter, Footing footing, Effects& effects);
  // Takes the slot that the lease needs, if it is neither nested nor a shadow nor slotless.
  void TakeSlot(Lease& lease, absl::Duration expected, BootTime since);
  void FreeSlot(const Lease& lease, BootTime paid_until);
  // Frees what the lease has for those who are next: its slot for its guest, its place with its
  // host for the next child.
  void HandOn(Lease& lease, BootTime paid_until);
  // The shadow would have waited until now: from now on it is a lease like others.
  void EndShadow(Lease& shadow, absl::Duration expected, BootTime now);
  void PromoteShadows();

  // lifecycle.cc
  // The upstream refused it as one too many. Returns who has to cool down.
  CoolDown Throttled(const Lease& lease, const std::string& upstream_code);
  // Why the report changes nothing; empty: it is a reading of now.
  std::string TroubleOf(const ReportMeter& report) const;
  void HearAnswer(const Lease& lease, const core::Release& release, Effects& effects);
  void Close(Lease& lease, Outcome outcome, const ReleaseDetails& details, Effects& effects);
  void ObserveHold(absl::Duration held);
  absl::Duration ExpectedHold() const;
  AccountSettings Settings() const { return {name(), capacity_.pinned()}; }
  void RecordKnowledge(Effects& effects);

  // gates.cc: what stands between those who ask and a lease. One list, which admits and explains.
  struct Gate;
  static const std::array<Gate, 11> kGates;
  // Who asks: a waiter, or a lease that was granted without what it needs.
  struct Asking {
    const Request& request;
    const Charges& charges;
    const std::string& group;
    PoolSet pools = 0;
    bool paused = false;
    bool patient = false;
    bool takes_throttles = false;
    bool slotless = false;
    bool charged = false;  // the charges are made already
  };
  // What is to be had at the time.
  struct Terms {
    Capacity::Offer offer = Capacity::Offer::kNone;
    PoolSet full = 0;
    const Lease* host = nullptr;  // that lends its slot
  };
  static Asking AskingOf(const Waiter& waiter);
  Asking AskingOf(const Lease& shadow) const;
  Terms TermsNow() const;
  // The same, with the host that the waiter could go under, if it is ready for it.
  Terms TermsFor(const Waiter& waiter) const;
  // The full ones of the pools, but for those that a host lends; and what is to be charged, but for
  // what a host has paid.
  static PoolSet FullOf(PoolSet pools, const Terms& terms) {
    return pools & terms.full & ~(terms.host == nullptr ? PoolSet{0} : terms.host->pools);
  }
  Charges ToCharge(const Charges& charges, const Terms& terms) const;
  // Those that such a one has to pass at all.
  static GateSet Concerning(const Asking& asking, const Terms& terms);
  // The first of the gates in the set that concerns it and is shut; nullptr: all are open.
  const Gate* FirstShut(GateSet set, const Asking& asking, const Terms& terms) const;
  bool Passes(GateSet set, const Asking& asking, const Terms& terms) const {
    return FirstShut(set, asking, terms) == nullptr;
  }
  WaitState Explain(const Waiter& waiter, size_t position) const;
  void EstimateSlots(WaitState& state) const;
  void ExplainOrder(const Waiter& waiter, WaitState& state) const;

  // happenings.cc
  void TellWaiting(const HappeningTerms& terms, Episodes& episodes,
                   std::vector<Record>& records) const;

  // explain.cc
  std::vector<GateState> GatesOf(const Waiter& waiter, const WaitState& told, size_t before) const;
  GateState NestingOf(const Waiter& waiter) const;
  GateState OrderOf(const Waiter& waiter, const WaitState& told, size_t before) const;
  WaiterExplanation ExplainFully(const Waiter& waiter, const std::vector<Waiter*>& order) const;
  Waiter Newcomer() const;
  // The leases that hold a slot and that the predicate chooses, in words.
  std::string EndOf(absl::FunctionRef<bool(const Lease&)> chosen) const;

  // admission.cc
  template <typename Body>
  auto WithAdmission(Capacity::Offer offer, Body body) const;
  // Who is granted next on what is offered; nullptr: nobody may be. See WaiterQueue::Next. On
  // nothing, those who need no slot.
  const Waiter* Next(Capacity::Offer offer) const;
  // What of slots and trials is left, whatever the pace of starts.
  Capacity::Offer Slot() const { return retired_ ? Capacity::Offer::kNone : capacity_.Slot(); }
  // Whether work that lets itself be put off will be charged less later, and when.
  std::optional<Quota::Cheaper> CheaperLater(const Asking& asking) const;
  // Whether the work lets itself be put off now.
  bool IsPatient(const Request& request) const {
    return request.priority == Priority::kBackground && now_ < request.patience;
  }
  // Those whose patience is over stand behind another gate from now on.
  void EndPatience();
  bool SessionIsFull(const Request& request) const;
  bool NeedsOnlyHost(const Waiter& waiter, const Lease& host) const;
  // Whether an open lease that goes without a slot could have one that is free: as a waiter, but
  // for order, and with its charges made.
  bool MayTakeSlot(const Lease& shadow) const;
  bool IsPaused(const Request& request, const Holder& holder) const {
    return pauses_.Find(request, holder).has_value();
  }
  // What is paused is another.
  void MovePaused();
  BootTime NextChance() const;
  // When the next of the shadows is put off no longer.
  BootTime NextOfShadows() const;
  size_t PositionOf(const Waiter& waiter) const;
  std::vector<Waiter*> InOrder() const { return queue_.InOrder(ExpectedHold()); }
  std::optional<absl::Duration> ExpectedWait() const;

  AccountConfig config_;
  WallClock wall_;
  Clients& clients_;
  Pauses pauses_;
  std::vector<Part> pauses_over_;  // since the last Settle()
  bool retired_ = false;

  std::set<LeaseId> open_;  // all of its leases
  Capacity capacity_;
  Quota quota_;
  UpstreamState upstream_;
  LeftBehind left_behind_;
  Nesting nesting_;
  WaiterQueue queue_;
  Trees trees_;
  Progress progress_;
  Totals totals_;
  MeterTrouble meter_trouble_;

  BootTime now_;
  BootTime hours_until_;  // before it neither weights nor schedules change
  std::set<std::pair<BootTime, WaiterId>> patience_;  // of those who are patient, when it ends
  bool reprice_ = false;             // they have changed: the waiters' charges may be others
  std::vector<WaiterId> newcomers_;  // since the last Settle; not told anything yet
  std::optional<absl::Duration> mean_hold_;
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_ACCOUNT_H_
