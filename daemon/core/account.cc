#include "daemon/core/account.h"

#include <algorithm>
#include <utility>

namespace zbroker::core {

Account::Account(AccountConfig config, const Times& times, const WallClock& wall, Clients& clients)
    : wall_(wall), clients_(clients), upstream_(config.name), nesting_(clients) {
  Configure(std::move(config), times, BootTime());
}

void Account::Configure(AccountConfig config, const Times& times, BootTime now) {
  config_ = std::move(config);
  retired_ = false;
  quota_.Configure(config_);
  capacity_.Configure(config_, now);
  for (const LeaseId id : open_) {
    Lease& lease = *clients_.FindLease(id);
    lease.pools = capacity_.PoolsOf(lease.request.model);
    lease.group = capacity_.GroupOf(lease.request.model);
  }
  for (const LeaseId id : open_) {
    Lease& lease = *clients_.FindLease(id);
    if (lease.shadow && !config_.shadow) {
      EndShadow(lease, absl::ZeroDuration(), now);
    } else {
      capacity_.Put(lease, clients_.FindLease(lease.host));
    }
  }
  queue_.Clear();
  patience_.clear();
  queue_.set_age_after(times.age_after);
  left_behind_.Configure(times.unclean_hold);
  nesting_.Clear();
  hours_until_ = BootTime() - absl::InfiniteDuration();
}

void Account::SetWallClock(const WallClock& wall) {
  wall_ = wall;
  hours_until_ = BootTime() - absl::InfiniteDuration();
}

void Account::Requeue(Waiter& waiter, BootTime now, Effects& effects) {
  Advance(now);
  if (absl::Status fits = quota_.CheckFits(quota_.Price(waiter.request, now)); !fits.ok()) {
    return Refuse(waiter.order.id, std::move(fits), effects.events);
  }
  PutInQueue(waiter, now);
  // With the ledger's clock set back, a block that was over may stand again.
  RefuseIfBlocked(waiter, effects.events);
}

void Account::Recall(Lease lease, const std::vector<Charge>& charges, BootTime now) {
  lease.charges = quota_.Named(charges);
  lease.pools = capacity_.PoolsOf(lease.request.model);
  lease.group = capacity_.GroupOf(lease.request.model);
  lease.request.tree = lease.request.session;
  lease.slotless = GoesWithoutSlot(lease.request);
  // It has no slot to keep while its request may still count upstream.
  if (lease.slotless && lease.state == LeaseState::kQuarantined) lease.until = now;
  open_.insert(lease.id);
  trees_.Enter(TreeOf(lease));
  Lease& open = clients_.Open(std::move(lease));
  // They come by id, so whoever was nested finds its host, unless that has ended meanwhile.
  if (Lease* host = nesting_.FindHost(open)) nesting_.Nest(open, *host);
  TakeSlot(open, absl::ZeroDuration(), open.granted);
  now_ = now;
}

void Account::Recall(const AccountSettings& settings, const Totals& totals, BootTime now) {
  now_ = now;
  capacity_.Advance(now);
  capacity_.Pin(settings.slot_limit);
  totals_ = totals;
}

void Account::Recalled(BootTime now) {
  Advance(now);
  for (const LeaseId id : open_) quota_.RecallLease(clients_.FindLease(id)->charges);
}

// Those of the newest that are beyond the limit are taken to have gone without a slot.
void Account::RecallShadows() {
  if (!config_.shadow) return;
  for (auto id = open_.rbegin(); id != open_.rend(); ++id) {
    if (capacity_.taken() <= capacity_.limit()) return;
    Lease& lease = *clients_.FindLease(*id);
    if (!capacity_.Holds(lease.id)) continue;
    FreeSlot(lease, lease.granted);
    lease.shadow = true;
  }
}

void Account::Advance(BootTime now) {
  now_ = now;
  quota_.Advance(now, wall_);
  if (now >= hours_until_) {
    capacity_.EnterHours(now, wall_);
    const absl::Time time = wall_.At(now);
    hours_until_ = wall_.BootAt(std::min(capacity_.NextHours(time), quota_.NextPriceChange(time)));
    reprice_ = true;
  }
  capacity_.Advance(now);
  if (upstream_.Advance(now)) capacity_.StartSlowly();
  queue_.Advance(now);
  EndPatience();
  if (std::vector<Part> over = pauses_.Advance(now); !over.empty()) {
    pauses_over_.insert(pauses_over_.end(), over.begin(), over.end());
    MovePaused();
  }
}

void Account::Settle(bool granting, BootTime now, Effects& effects) {
  Advance(now);
  if (std::exchange(reprice_, false)) Reprice(effects);
  capacity_.Mark();
  granting = granting && !pauses_.Whole();
  if (granting) Admit(effects);
  // Others may have stood back behind these.
  if (RefuseThoseWhoDoNotWait(effects) && granting) Admit(effects);
  if (progress_.next_look() <= now) ReportProgress(effects);
  RecordKnowledge(effects);
  AnswerNewcomers(effects);
}

BootTime Account::NextDeadline(bool granting) const {
  // When a wall ends, it matters then how many starts follow, whoever comes when.
  BootTime next = std::min({progress_.next_look(), capacity_.NextChange(),
                            upstream_.NextEndOfRefusal(), pauses_.NextEnd()});
  if (hours_until_ > now_) next = std::min(next, hours_until_);
  const bool shadows = config_.shadow && !open_.empty();
  if (!granting || pauses_.Whole() || (queue_.empty() && !shadows)) return next;
  return std::min(next, NextChance());
}

void Account::RecordKnowledge(Effects& effects) {
  for (Part& part : std::exchange(pauses_over_, {})) {
    effects.records.push_back(PauseEnded{name(), std::move(part)});
  }
  if (retired_) return;
  capacity_.TakeLearned(name(), effects.records);
  for (ResetKnown& known : quota_.TakeResets()) effects.records.push_back(std::move(known));
}

void Account::ObserveHold(absl::Duration held) {
  // Exponentially weighted: the last ten or so leases count.
  mean_hold_ = mean_hold_ ? *mean_hold_ * 0.9 + held * 0.1 : held;
}

absl::Duration Account::ExpectedHold() const {
  // A request takes about so long, when nothing is known yet; and never nothing.
  return std::max(mean_hold_.value_or(absl::Seconds(10)), absl::Milliseconds(1));
}

void Account::View(BootTime now, AccountSnapshot& account) const {
  account.name = name();
  account.slots = config_.slots;
  account.shadow = config_.shadow;
  account.pauses = pauses_.All();
  if (left_behind_.has_grown()) account.unclean_hold = left_behind_.hold();
  account.retired = retired_;
  account.wait = ExpectedWait();
  account.totals = totals_;
  account.windows = quota_.View();
  account.prices = quota_.prices();
  account.reading = quota_.reading();
  account.meter_trouble = meter_trouble_;
  account.blocks = upstream_.Standing();
  capacity_.View(account);
  for (const LeaseId id : open_) {
    const Lease& lease = *clients_.FindLease(id);
    account.leases.push_back({lease, quota_.Names(lease.charges)});
  }
  size_t position = 0;
  for (const Waiter* waiter : InOrder()) {
    account.waiters.push_back(
        {*waiter, Explain(*waiter, ++position), quota_.Names(waiter->charges)});
  }
  for (const Waiter* gone : clients_.places().Vanished(name(), now)) {
    account.waiters.push_back({*gone, {}, {}});
  }
}

}  // namespace zbroker::core
