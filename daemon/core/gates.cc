// The gates between those who ask and a lease: each is written here once, for those who admit and
// for those who explain.
#include <algorithm>
#include <bit>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/core/account.h"
#include "daemon/core/gate_list.h"

namespace zbroker::core {
namespace {

std::string OfSlots(int taken, int limit) {
  return absl::StrCat(taken, " of ", limit, limit == 1 ? " slot is taken" : " slots are taken");
}

std::string NotPutOff(const Waiter& waiter) {
  if (waiter.request.priority != Priority::kBackground) return "it is not background work";
  return waiter.patient ? "nothing is gained by waiting" : "its patience is over";
}

constexpr char kNotToBePutOff[] = "or ask with another priority, or with `zlease --by TIME`";

bool IsEstimatedBySlots(WaitReason reason) {
  return reason == WaitReason::kPool || reason == WaitReason::kSession ||
         reason == WaitReason::kSlots || reason == WaitReason::kReserved;
}

}  // namespace

// In the order in which they are told as the reason of a wait: what lasts longest comes first.
const std::array<Account::Gate, 11> Account::kGates{{
    {GateName::kPause,
     [](const Account&, const Asking& asking, const Terms&) { return asking.paused; },
     [](const Account& account, const Waiter& waiter, const Terms&, WaitState& state) {
       state.reason = WaitReason::kPaused;
       const auto pause = account.pauses_.Find(waiter.request, waiter.client.holder);
       if (!pause) return;
       state.paused = DescribePause(pause->part);
       if (pause->until == BootTime::InfiniteFuture()) return;
       state.until = pause->until;
       state.estimate = pause->until - account.now_;
     },
     [](const Account&, const Waiter&, const Terms&) -> std::string {
       return "no administrator has paused it";
     },
     [](const Account&, const Waiter&) -> std::string { return "`zctl resume`"; }},

    {GateName::kBlock,
     [](const Account& account, const Asking& asking, const Terms&) {
       return account.upstream_.Blocking(asking.request) != nullptr;
     },
     [](const Account& account, const Waiter& waiter, const Terms&, WaitState& state) {
       state.reason = WaitReason::kBlocked;
       const Block* block = account.upstream_.Blocking(waiter.request);
       state.block = Describe(*block);
       state.until = block->until;
       state.estimate = block->until - account.now_;
       const bool spaced = block->Refuses() && !waiter.slotless;
       if (spaced) *state.estimate += StartPacer::AfterWall(state.position);
     },
     [](const Account&, const Waiter&, const Terms&) -> std::string {
       return "the upstream has asked for no pause";
     },
     [](const Account& account, const Waiter& waiter) -> std::string {
       const Block* block = account.upstream_.Blocking(waiter.request);
       if (block == nullptr || block->reason == BlockReason::kBreaker) return "";
       return "or `zctl resume`, if you know that it is over";
     }},

    {GateName::kWindow,
     [](const Account& account, const Asking& asking, const Terms& terms) {
       if (asking.charged) return !account.quota_.FitWithin(asking.charges);
       return account.quota_.Lacking(account.ToCharge(asking.charges, terms)) != 0;
     },
     [](const Account& account, const Waiter& waiter, const Terms& terms, WaitState& state) {
       state.reason = WaitReason::kWindow;
       const auto lack = account.quota_.Explain(account.ToCharge(waiter.charges, terms));
       if (!lack) return;
       state.window = lack->window;
       state.until = lack->room;
       // Beyond a limit that is probed its turn comes when the lease ends that is there already.
       state.estimate = lack->room ? std::optional(*lack->room - account.now_) : account.mean_hold_;
     },
     [](const Account& account, const Waiter& waiter, const Terms&) -> std::string {
       std::vector<std::string> names;
       for (const core::Charge& charge : account.quota_.Names(waiter.charges)) {
         names.push_back(charge.window);
       }
       if (names.empty()) return "it charges no window";
       return absl::StrCat("there is room in ", absl::StrJoin(names, ", "));
     },
     [](const Account& account, const Waiter& waiter) -> std::string {
       const auto lack = account.quota_.Explain(waiter.charges);
       if (lack && lack->room) return "when older use leaves the window, or it is reset";
       return "the end of the lease that is beyond the figure already";
     }},

    {GateName::kPace,
     [](const Account& account, const Asking& asking, const Terms&) {
       return asking.patient && account.quota_.ExplainPace(asking.charges, asking.charged);
     },
     [](const Account& account, const Waiter& waiter, const Terms&, WaitState& state) {
       const auto lack = account.quota_.ExplainPace(waiter.charges);
       state.reason = WaitReason::kPace;
       state.window = lack->window;
       state.until = lack->room;
       state.estimate = *lack->room - account.now_;
     },
     [](const Account&, const Waiter& waiter, const Terms&) { return NotPutOff(waiter); },
     [](const Account&, const Waiter&) -> std::string { return kNotToBePutOff; }},

    {GateName::kOffPeak,
     [](const Account& account, const Asking& asking, const Terms&) {
       return account.CheaperLater(asking).has_value();
     },
     [](const Account& account, const Waiter& waiter, const Terms&, WaitState& state) {
       const auto cheaper = account.CheaperLater(AskingOf(waiter));
       state.reason = WaitReason::kOffPeak;
       state.weight = cheaper->weight_now;
       state.until = cheaper->at;
       state.estimate = cheaper->at - account.now_;
     },
     [](const Account&, const Waiter& waiter, const Terms&) { return NotPutOff(waiter); },
     [](const Account&, const Waiter&) -> std::string { return kNotToBePutOff; }},

    {GateName::kStarts,
     [](const Account& account, const Asking&, const Terms& terms) {
       return terms.host != nullptr ? !account.capacity_.MayStartNested()
                                    : !account.capacity_.MayStart();
     },
     [](const Account& account, const Waiter&, const Terms&, WaitState& state) {
       const Capacity& capacity = account.capacity_;
       state.reason = WaitReason::kPacing;
       state.until = capacity.NextStart();
       state.after_block = capacity.OnlyStartsSlowly();
       state.estimate = capacity.NextStart() - account.now_ +
                        capacity.StartGap() * (static_cast<int64_t>(state.position) - 1);
     },
     [](const Account&, const Waiter&, const Terms&) -> std::string {
       return "a lease may start now";
     },
     [](const Account&, const Waiter&) -> std::string { return ""; }},

    {GateName::kPool,
     [](const Account&, const Asking& asking, const Terms& terms) {
       return FullOf(asking.pools, terms) != 0;
     },
     [](const Account& account, const Waiter& waiter, const Terms& terms, WaitState& state) {
       state.reason = WaitReason::kPool;
       const PoolSet full = FullOf(waiter.pools, terms);
       const PoolConfig& pool = account.capacity_.pool(static_cast<size_t>(std::countr_zero(full)));
       state.slot_limit = pool.limit;
       state.pool = absl::StrJoin(pool.models, ", ");
     },
     [](const Account& account, const Waiter& waiter, const Terms&) -> std::string {
       if (waiter.pools == 0) return "its model is in no pool";
       const auto index = static_cast<size_t>(std::countr_zero(waiter.pools));
       const PoolConfig& pool = account.capacity_.pool(index);
       return absl::StrCat(OfSlots(account.capacity_.TakenInPool(index), pool.limit),
                           " for models ", absl::StrJoin(pool.models, ", "));
     },
     [](const Account& account, const Waiter& waiter) -> std::string {
       const PoolSet full = waiter.pools & account.capacity_.FullPools();
       return account.EndOf([&](const Lease& lease) { return (lease.pools & full) != 0; });
     }},

    {GateName::kModelLimit,
     [](const Account& account, const Asking& asking, const Terms& terms) {
       if (terms.host != nullptr) {
         return asking.group != terms.host->group &&
                account.capacity_.OfGroup(asking.group) != Capacity::Offer::kSlot;
       }
       return !account.capacity_.IsOpen(asking.group, terms.offer, asking.takes_throttles);
     },
     [](const Account& account, const Waiter& waiter, const Terms&, WaitState& state) {
       state.reason = WaitReason::kPool;
       state.slot_limit = account.capacity_.LimitOf(waiter.group).value_or(0);
       state.pool = waiter.group;
     },
     [](const Account& account, const Waiter& waiter, const Terms&) -> std::string {
       const auto limit = account.capacity_.LimitOf(waiter.group);
       if (!limit) return "its model has no limit of its own";
       return absl::StrCat(OfSlots(account.capacity_.TakenOf(waiter.group), *limit), " for ",
                           waiter.group);
     },
     [](const Account& account, const Waiter& waiter) -> std::string {
       return account.EndOf([&](const Lease& lease) { return lease.group == waiter.group; });
     }},

    {GateName::kSession,
     [](const Account& account, const Asking& asking, const Terms&) {
       return account.SessionIsFull(asking.request);
     },
     [](const Account& account, const Waiter&, const Terms&, WaitState& state) {
       state.reason = WaitReason::kSession;
       state.slot_limit = account.config_.slots.per_session;
     },
     [](const Account& account, const Waiter& waiter, const Terms&) -> std::string {
       const int most = account.config_.slots.per_session;
       if (most == 0) return "a session may have any number of slots";
       return absl::StrCat("its session has ", account.queue_.SlotsOf(waiter.request.session),
                           " of the ", most, " that one may have");
     },
     [](const Account& account, const Waiter& waiter) -> std::string {
       return account.EndOf(
           [&](const Lease& lease) { return lease.request.session == waiter.request.session; });
     }},

    {GateName::kSlots,
     [](const Account&, const Asking& asking, const Terms& terms) {
       return terms.offer == Capacity::Offer::kNone ||
              (terms.offer == Capacity::Offer::kTrial && !asking.takes_throttles);
     },
     [](const Account& account, const Waiter&, const Terms&, WaitState& state) {
       state.reason = WaitReason::kSlots;
       state.slot_limit = account.capacity_.limit();
     },
     [](const Account& account, const Waiter& waiter, const Terms& terms) -> std::string {
       if (terms.host != nullptr || waiter.slotless) return "it needs none of its own";
       return OfSlots(account.capacity_.taken(), account.capacity_.limit());
     },
     [](const Account& account, const Waiter&) -> std::string {
       if (account.retired_) return "nothing: the account is no longer configured";
       return account.EndOf([](const Lease&) { return true; });
     }},

    {GateName::kReserve,
     [](const Account& account, const Asking& asking, const Terms& terms) {
       return account.config_.slots.reserve_interactive > 0 &&
              account.capacity_.IsReserved(asking.request, terms.offer);
     },
     [](const Account& account, const Waiter&, const Terms&, WaitState& state) {
       state.reason = WaitReason::kReserved;
       state.slot_limit = account.capacity_.limit();
     },
     [](const Account& account, const Waiter& waiter, const Terms&) -> std::string {
       if (account.config_.slots.reserve_interactive == 0) return "no slot is reserved";
       if (waiter.request.priority == Priority::kInteractive) return "it is interactive";
       return "a slot is free that is not reserved";
     },
     [](const Account& account, const Waiter&) -> std::string {
       return account.EndOf(
           [](const Lease& lease) { return lease.request.priority != Priority::kInteractive; });
     }},
}};

Account::Asking Account::AskingOf(const Waiter& waiter) {
  return {.request = waiter.request,
          .charges = waiter.charges,
          .group = waiter.group,
          .pools = waiter.pools,
          .paused = waiter.paused,
          .patient = waiter.patient,
          .takes_throttles = waiter.takes_throttles,
          .slotless = waiter.slotless};
}

Account::Asking Account::AskingOf(const Lease& shadow) const {
  return {.request = shadow.request,
          .charges = shadow.charges,
          .group = shadow.group,
          .pools = shadow.pools,
          .paused = IsPaused(shadow.request, shadow.client.holder),
          .patient = IsPatient(shadow.request),
          .slotless = shadow.slotless,
          .charged = true};
}

Account::Terms Account::TermsNow() const {
  return {.offer = Slot(), .full = capacity_.FullPools()};
}

Account::Terms Account::TermsFor(const Waiter& waiter) const {
  Terms terms = TermsNow();
  const Lease* parent = waiter.parent == 0 ? nullptr : clients_.FindLease(waiter.parent);
  if (parent != nullptr && Nesting::CanHost(*parent)) terms.host = parent;
  return terms;
}

Charges Account::ToCharge(const Charges& charges, const Terms& terms) const {
  return terms.host == nullptr ? charges : nesting_.BeyondCredit(*terms.host, charges);
}

GateSet Account::Concerning(const Asking& asking, const Terms& terms) {
  const GateSet set = terms.host == nullptr ? kAllGates : kOfNested;
  return asking.slotless ? set & ~kOfSlots : set;
}

const Account::Gate* Account::FirstShut(GateSet set, const Asking& asking,
                                        const Terms& terms) const {
  set &= Concerning(asking, terms);
  for (const Gate& gate : kGates) {
    if ((set & Of(gate.name)) != 0 && gate.shut(*this, asking, terms)) return &gate;
  }
  return nullptr;
}

WaitState Account::Explain(const Waiter& waiter, size_t position) const {
  WaitState state;
  state.position = static_cast<uint32_t>(position);
  const Terms terms = TermsFor(waiter);
  if (const Gate* gate = FirstShut(kAllGates, AskingOf(waiter), terms)) {
    gate->tell(*this, waiter, terms, state);
    if (IsEstimatedBySlots(state.reason)) EstimateSlots(state);
  } else {
    ExplainOrder(waiter, state);
  }
  return state;
}

void Account::EstimateSlots(WaitState& state) const {
  if (!mean_hold_) return;
  // Who has had a slot for long will, as likely as not, have it for as long again.
  const absl::Duration hold = std::max(*mean_hold_, capacity_.MeanAge());
  state.estimate = hold * static_cast<double>(state.position) / capacity_.limit();
}

}  // namespace zbroker::core
