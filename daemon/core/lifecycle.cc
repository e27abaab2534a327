// An account's leases, from the grant to their one end; and what administrators set.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/core/account.h"
#include "daemon/core/reaction.h"

namespace zbroker::core {

void Account::Release(Lease& lease, const core::Release& release, BootTime now, Effects& effects) {
  Advance(now);
  // What was revoked ends as revoked, however its holder sees it.
  const Outcome outcome = lease.ending == Outcome::kRevoked ? Outcome::kRevoked : release.outcome;
  HearAnswer(lease, release, effects);
  // Whoever asked before hears of it now, as only one is answered in the end.
  const Released answer{lease.id, outcome, /*already_ended=*/false};
  if (lease.answer_to != 0 && lease.answer_to != release.client.stream) {
    effects.events.push_back({lease.answer_to, answer});
  }
  // It was said to be under way, and now the upstream's end was seen.
  const bool end_seen = lease.state == LeaseState::kQuarantined && lease.released.under_way &&
                        !release.details.under_way;
  if (end_seen && !left_behind_.BelievesEnds(now)) {
    lease.answer_to = release.client.stream;
    return;
  }
  if (end_seen) left_behind_.EndSeen(now);
  if (release.details.under_way) {
    lease.released = release.details;
    lease.answer_to = release.client.stream;
    lease.ending = outcome;
    // Asked a second time, the quarantine goes on.
    if (lease.state != LeaseState::kQuarantined) {
      Quarantine(lease, outcome, now, effects);
    }
    return;
  }
  Close(lease, outcome, release.details, effects);
  effects.events.push_back({release.client.stream, answer});
}

// Does what the upstream's answer asks for, before the lease is closed.
void Account::HearAnswer(const Lease& lease, const core::Release& release, Effects& effects) {
  const ReleaseDetails& details = release.details;
  if (SentBack(release.outcome)) {
    Waiter back{.request = lease.request,
                .client = lease.client,
                .attempt = lease.attempt + 1,
                .joined = lease.joined};
    back.order.arrival = lease.queued;
    clients_.places().Keep(std::move(back), now_);
  }
  // The provider counts calls of tools apart from those of models: what becomes of one says nothing
  // of slots and starts, and only its kind has to cool down.
  const bool of_tool = lease.request.kind == Kind::kMcp;
  const bool throttled = release.outcome == Outcome::kThrottle;
  CoolDown cool_down;
  if (of_tool) {
    if (throttled) capacity_.HolderGone(lease);
    cool_down.scope = Scope::kKind;
  } else if (throttled && !details.start_rate && lease.ending != Outcome::kRevoked) {
    cool_down = Throttled(lease, details.upstream_code);
  }
  const bool refuses =
      upstream_.Hear(lease, release.outcome, details, cool_down, now_, effects.records);
  if (refuses) RefuseBlocked(effects.events);
  if (throttled && details.start_rate && !of_tool) capacity_.StartThrottled(lease);
  if (release.outcome == Outcome::kWall && details.until) {
    quota_.LearnReset(lease, *details.until, details.window_length);
  }
}

CoolDown Account::Throttled(const Lease& lease, const std::string& upstream_code) {
  const bool within = lease.in_flight > 0 && lease.in_flight <= capacity_.limit() && !lease.trial &&
                      !lease.model_trial;
  if (!within || !left_behind_.Explains(lease.granted, now_)) {
    return capacity_.Throttled(lease, upstream_code);
  }
  // It says nothing of the limit.
  capacity_.HolderGone(lease);
  return {.scope = Scope::kAccount, .alone = false};
}

void Account::Orphan(Lease& lease, BootTime until, BootTime now) {
  Advance(now);
  clients_.Detach(lease);
  capacity_.HolderGone(lease);
  lease.state = LeaseState::kOrphaned;
  clients_.SetUntil(lease, until);
}

void Account::QuarantineUntil(BootTime until, Lease& lease, Outcome ending, BootTime now,
                              Effects& effects) {
  Advance(now);
  clients_.Detach(lease);
  capacity_.HolderGone(lease);
  lease.state = LeaseState::kQuarantined;
  lease.ending = ending;
  // It has no slot to keep.
  if (lease.slotless) until = now;
  clients_.SetUntil(lease, until);
  if (lease.until <= now) TimeIsOver(lease, now, effects);
}

void Account::TimeIsOver(Lease& lease, BootTime now, Effects& effects) {
  // Neither renewed nor re-claimed in time: the holder counts as dead.
  if (lease.state != LeaseState::kQuarantined) {
    return Quarantine(lease, Outcome::kLost, now, effects);
  }
  Advance(now);
  if (!lease.slotless) left_behind_.Freed(now);
  const StreamId answer_to = lease.answer_to;
  const Released answer{lease.id, lease.ending, /*already_ended=*/false};
  Close(lease, lease.ending, ReleaseDetails(lease.released), effects);
  if (answer_to != 0) effects.events.push_back({answer_to, answer});
}

void Account::Close(Lease& lease, Outcome outcome, const ReleaseDetails& details,
                    Effects& effects) {
  LeaseClosed closed{.lease = lease.id,
                     .account = name(),
                     .granted = lease.granted,
                     .closed = now_,
                     .outcome = outcome,
                     .upstream_code = details.upstream_code,
                     .detail = details.message,
                     .http_status = details.http_status,
                     .usage = details.usage,
                     .served_model = details.served_model};
  if (details.first_byte) closed.first_byte = std::min(lease.granted + *details.first_byte, now_);
  const bool refund = TurnedAway(outcome) || details.unused;
  if (refund) {
    closed.refunds = quota_.Names(lease.charges);
    nesting_.ReturnCredit(lease.id);
  }
  quota_.End(lease.charges, lease.granted, refund);
  if (!refund && details.usage) {
    closed.settled = quota_.Settle(lease, nesting_.SetOffOf(lease.id), *details.usage);
  }
  if (outcome == Outcome::kOk && lease.reports && lease.in_flight >= capacity_.limit()) {
    left_behind_.ServedAtLimit(lease.granted);
  }
  capacity_.Ended(lease, outcome);
  closed.shadow_wait = lease.shadow ? now_ - lease.slot_since : lease.shadow_wait;
  if (closed.shadow_wait) {
    ++totals_.shadow_waits;
    totals_.shadow_waited += *closed.shadow_wait;
  }
  effects.records.push_back(std::move(closed));
  if (outcome == Outcome::kLost) ++totals_.lost;
  if (outcome == Outcome::kThrottle) ++totals_.throttled;
  if (lease.state == LeaseState::kHeld && !lease.slotless) ObserveHold(now_ - lease.granted);
  open_.erase(lease.id);
  trees_.Leave(TreeOf(lease));
  // What the upstream turned away keeps its place, so its session pays no slot-time for it.
  HandOn(lease, TurnedAway(outcome) ? lease.slot_since : now_);
  nesting_.Forget(lease.id);
  clients_.Close(lease.id, outcome);
}

absl::Status Account::Pin(const SetLimit& set, BootTime now, Effects& effects, Done& done) {
  Advance(now);
  if (set.dry_run) {
    if (!set.model.empty()) done.model = capacity_.GroupOf(set.model);
    done.slot_limit = set.model.empty() ? capacity_.LimitIfPinned(set.limit)
                                        : capacity_.LimitOfIfPinned(done.model, set.limit);
    return absl::OkStatus();
  }
  if (set.model.empty()) {
    capacity_.Pin(set.limit);
    done.slot_limit = capacity_.limit();
    effects.records.push_back(Settings());
    return absl::OkStatus();
  }
  const std::string group = capacity_.GroupOf(set.model);
  if (!capacity_.PinModel(group, set.limit)) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the limits of ", Limits::kPinsMax,
                     " models are pinned already; `zctl limit auto --model M` unpins one"));
  }
  done.model = group;
  done.slot_limit = capacity_.LimitOf(group).value_or(0);
  effects.records.push_back(ModelPinned{name(), group, set.limit});
  return absl::OkStatus();
}

absl::Status Account::Pause(const SetPaused& set, BootTime now, Effects& effects, Done& done) {
  Advance(now);
  if (set.until <= now) return absl::InvalidArgumentError("the end of the pause has passed");
  if (!pauses_.Add({set.part, set.until})) {
    return absl::ResourceExhaustedError(absl::StrCat(
        Pauses::kMax, " parts of the work are paused already; `zctl resume` ends all pauses"));
  }
  MovePaused();
  done.slot_limit = capacity_.limit();
  effects.records.push_back(PauseSet{name(), {set.part, set.until}});
  return absl::OkStatus();
}

void Account::Resume(const SetPaused& set, BootTime now, Effects& effects, Done& done) {
  Advance(now);
  for (const core::Pause& pause : pauses_.All()) {
    if (!set.part.whole() && pause.part != set.part) continue;
    pauses_.Remove(pause.part);
    effects.records.push_back(PauseEnded{name(), pause.part});
    done.resumed.push_back(pause);
  }
  MovePaused();
  if (set.part.whole()) {
    capacity_.StopPacing();
    if (upstream_.EndAll(set.end_breaker, done, effects.records)) capacity_.StartSlowly();
    quota_.DoubtMeter(effects.records);
  }
  done.slot_limit = capacity_.limit();
}

void Account::MovePaused() {
  for (Waiter* waiter : InOrder()) {
    const bool paused = IsPaused(waiter->request, waiter->client.holder);
    if (paused == waiter->paused) continue;
    queue_.MoveGate(*waiter, [&](Waiter& moved) { moved.paused = paused; });
  }
}

std::string Account::TroubleOf(const ReportMeter& report) const {
  if (!report.trouble.empty()) return report.trouble;
  if (report.rows.empty()) return "it has nothing to say of this account";
  if (now_ - report.asked > kReadingOldest) {
    return absl::StrCat("its reading came ", absl::FormatDuration(now_ - report.asked),
                        " after it was asked for, too late to say anything of now");
  }
  if (quota_.heard() == now_) return "another reading came at the same instant";
  // With the clock set back, the last one may be yet to come.
  const std::optional<MeterRead>& last = quota_.reading();
  const bool older = last && last->asked <= now_ && report.asked <= last->asked;
  return older ? "its reading is not newer than the one before" : "";
}

absl::Status Account::HearMeter(const ReportMeter& report, BootTime now, Effects& effects,
                                Done& done) {
  Advance(now);
  meter_trouble_ = {TroubleOf(report), now};
  done.slot_limit = capacity_.limit();
  if (!report.trouble.empty()) return absl::OkStatus();
  if (!meter_trouble_.text.empty()) {
    return absl::FailedPreconditionError(absl::StrCat("the meter: ", meter_trouble_.text));
  }
  MeterRead read{name(), std::min(report.asked, now), report.rows};
  Charges under_way;
  for (const LeaseId id : open_) {
    const Lease& lease = *clients_.FindLease(id);
    if (lease.granted < read.asked) under_way.Add(lease.charges);
  }
  // The next one finds out whether the wall is really over; what follows comes after it.
  if (upstream_.LiftWalls(read.rows, read.asked, done, effects.records)) capacity_.StartSlowly();
  quota_.HearMeter(std::move(read), under_way, now, effects.records);
  RefuseBlocked(effects.events);
  return absl::OkStatus();
}

}  // namespace zbroker::core
