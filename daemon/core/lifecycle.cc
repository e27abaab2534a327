// From a grant to the lease's one end, and what administrators may do on the way.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/core/broker.h"
#include "daemon/core/reaction.h"

namespace zbroker::core {
namespace {

constexpr size_t kEndedMax = 4096;

bool MayTouch(const Client& client, uint32_t owner) {
  return client.admin || client.holder.uid == owner;
}

Failed NotOurs(LeaseId id) {
  return {id, absl::PermissionDeniedError(absl::StrCat("lease ", id, " is another user's"))};
}

Failed NotOpen(LeaseId id) {
  return {id, absl::NotFoundError(absl::StrCat("no lease ", id, " is open"))};
}

}  // namespace

void Broker::Handle(const Release& release, BootTime now, Effects& effects) {
  const auto reply = [&](Event event) {
    effects.events.push_back({release.client.stream, std::move(event)});
  };
  if (const auto found = leases_.find(release.lease); found != leases_.end()) {
    Lease& lease = found->second;
    if (!MayTouch(release.client, lease.client.holder.uid)) return reply(NotOurs(release.lease));
    // What was revoked ends as revoked, however its holder sees it.
    const Outcome outcome = lease.ending == Outcome::kRevoked ? Outcome::kRevoked : release.outcome;
    ActOn(lease, release.outcome, release.details, now, effects);
    if (release.details.under_way) {
      lease.released = release.details;
      lease.answer_to = release.client.stream;
      lease.ending = outcome;
      // Asked a second time, the quarantine goes on.
      if (lease.state != LeaseState::kQuarantined) Quarantine(lease, outcome, now, effects);
      return;
    }
    Close(release.lease, outcome, release.details, now, effects);
    return reply(Released{release.lease, outcome, false});
  }
  if (const auto ended = ended_.find(release.lease); ended != ended_.end()) {
    if (!MayTouch(release.client, ended->second.uid)) return reply(NotOurs(release.lease));
    return reply(Released{release.lease, ended->second.outcome, true});
  }
  if (release.lease == 0 || release.lease > last_lease_) {
    return reply(Failed{release.lease, absl::NotFoundError(absl::StrCat("no lease ", release.lease,
                                                                        " was ever granted"))});
  }
  reply(Released{release.lease, std::nullopt, true});
}

void Broker::Handle(const Renew& renew, BootTime now, Effects& effects) {
  const auto reply = [&](Event event) {
    effects.events.push_back({renew.client.stream, std::move(event)});
  };
  const auto found = leases_.find(renew.lease);
  if (found == leases_.end()) return reply(NotOpen(renew.lease));
  Lease& lease = found->second;
  if (!MayTouch(renew.client, lease.client.holder.uid)) return reply(NotOurs(renew.lease));
  if (lease.request.ttl == absl::ZeroDuration()) {
    return reply(Failed{renew.lease, absl::FailedPreconditionError(absl::StrCat(
                                         "lease ", renew.lease,
                                         " lives as long as its stream and needs no renewal"))});
  }
  if (lease.state == LeaseState::kQuarantined) {
    return reply(Failed{renew.lease,
                        absl::NotFoundError(absl::StrCat("lease ", renew.lease, " has expired"))});
  }
  lease.until = now + lease.request.ttl;
  timers_.Set({TimerKind::kLease, lease.id}, lease.until);
  reply(Renewed{lease.id, lease.until});
}

void Broker::Handle(const Hello& hello, BootTime, Effects& effects) {
  Welcome welcome;
  for (const Hello::Reclaim& reclaim : hello.reclaims) {
    const auto found = leases_.find(reclaim.lease);
    if (found == leases_.end()) continue;
    Lease& lease = found->second;
    if (lease.client.holder.uid != hello.client.holder.uid ||
        lease.request.ticket != reclaim.ticket || lease.state == LeaseState::kQuarantined) {
      continue;
    }
    AttachLease(lease, hello.client);
    welcome.reclaimed.push_back(lease.id);
  }
  effects.events.push_back({hello.client.stream, std::move(welcome)});
}

void Broker::AttachLease(Lease& lease, const Client& client) {
  DetachLease(lease);
  const auto old = holders_.find({lease.client.holder.pid, lease.client.holder.start_ticks});
  if (old != holders_.end()) {
    old->second.erase(lease.id);
    if (old->second.empty()) holders_.erase(old);
  }
  lease.client = client;
  holders_[{client.holder.pid, client.holder.start_ticks}].insert(lease.id);
  ++shares_[client.connection];
  if (lease.request.ttl > absl::ZeroDuration()) return;
  lease.state = LeaseState::kHeld;
  lease.until = BootTime::InfiniteFuture();
  streams_[client.stream].leases.insert(lease.id);
  timers_.Clear({TimerKind::kLease, lease.id});
}

void Broker::DetachLease(Lease& lease) {
  if (const auto stream = streams_.find(lease.client.stream); stream != streams_.end()) {
    stream->second.leases.erase(lease.id);
  }
  ShrinkShare(lease.client.connection);
  lease.client.stream = 0;
  lease.client.connection = 0;
}

void Broker::Handle(const StreamClosed& closed, BootTime now, Effects&) {
  const auto found = streams_.find(closed.stream);
  if (found == streams_.end()) return;
  const StreamContents contents = std::move(found->second);
  streams_.erase(found);
  for (const LeaseId id : contents.leases) {
    Lease& lease = leases_.at(id);
    DetachLease(lease);
    FindAccount(lease.request.account)->limit.LoseSight(lease, now);
    lease.state = LeaseState::kOrphaned;
    lease.until = now + config_.reclaim_grace;
    timers_.Set({TimerKind::kLease, id}, lease.until);
  }
  for (const WaiterId id : contents.waiters) SetAside(waiters_.at(id), now);
}

void Broker::Handle(const HolderExited& exited, BootTime now, Effects& effects) {
  const auto found = holders_.find({exited.pid, exited.start_ticks});
  if (found == holders_.end()) return;
  const std::set<LeaseId> held = found->second;  // closing changes the original
  for (const LeaseId id : held) {
    Lease& lease = leases_.at(id);
    if (lease.request.ttl == absl::ZeroDuration() && lease.state != LeaseState::kQuarantined) {
      Quarantine(lease, Outcome::kLost, now, effects);
    }
  }
}

void Broker::Quarantine(Lease& lease, Outcome ending, BootTime now, Effects& effects) {
  DetachLease(lease);
  FindAccount(lease.request.account)->limit.LoseSight(lease, now);
  lease.state = LeaseState::kQuarantined;
  lease.ending = ending;
  lease.until = now + config_.unclean_hold;
  timers_.Set({TimerKind::kLease, lease.id}, lease.until);
  if (lease.until <= now) LeaseTimeIsOver(lease.id, now, effects);
}

void Broker::LeaseTimeIsOver(LeaseId id, BootTime now, Effects& effects) {
  Lease& lease = leases_.at(id);
  if (lease.state != LeaseState::kQuarantined) {
    // Neither renewed nor re-claimed in time: the holder counts as dead.
    Quarantine(lease, Outcome::kLost, now, effects);
    return;
  }
  const StreamId answer_to = lease.answer_to;
  const Outcome outcome = lease.ending;
  Close(id, outcome, ReleaseDetails(lease.released), now, effects);
  if (answer_to != 0) effects.events.push_back({answer_to, Released{id, outcome, false}});
}

void Broker::Close(LeaseId id, Outcome outcome, const ReleaseDetails& details, BootTime now,
                   Effects& effects) {
  const Lease& lease = leases_.at(id);
  Account& account = *FindAccount(lease.request.account);
  LeaseClosed closed{.lease = id,
                     .account = account.name(),
                     .granted = lease.granted,
                     .closed = now,
                     .outcome = outcome,
                     .upstream_code = details.upstream_code,
                     .detail = details.message,
                     .http_status = details.http_status,
                     .usage = details.usage};
  if (details.first_byte) closed.first_byte = std::min(lease.granted + *details.first_byte, now);
  const bool refund = TurnedAway(outcome) || details.unused;
  if (refund) {
    closed.refunds = lease.charges;
    ReturnCredit(lease);
  }
  account.EndCharges(lease, refund);
  if (!refund && details.usage) account.Settle(lease, *details.usage, closed);
  account.limit.LeaseEnded(lease, outcome, details, now);
  closed.shadow_wait = lease.shadow ? now - lease.slot_since : lease.shadow_wait;
  if (closed.shadow_wait) {
    ++account.totals.shadow_waits;
    account.totals.shadow_waited += *closed.shadow_wait;
  }
  effects.records.push_back(std::move(closed));
  if (outcome == Outcome::kLost) ++account.totals.lost;
  if (outcome == Outcome::kThrottle) ++account.totals.throttled;
  if (lease.state == LeaseState::kHeld) account.ObserveHold(now - lease.granted);
  ended_[id] = {lease.client.holder.uid, outcome, refund};
  ended_order_.push_back(id);
  if (ended_order_.size() > kEndedMax) {
    ended_.erase(ended_order_.front());
    ended_order_.pop_front();
  }
  // What the upstream turned away keeps its place, so its session pays no slot-time for it.
  Forget(lease, TurnedAway(outcome) ? lease.slot_since : now, now);
}

void Broker::Forget(const Lease& lease, BootTime paid_until, BootTime now) {
  const LeaseId id = lease.id;
  const Holder& holder = lease.client.holder;
  Account* account = FindAccount(lease.request.account);
  account->open.erase(id);
  account->children.erase(id);
  GiveUpSlot(*account, lease, paid_until, now);
  if (account->retired && account->open.empty()) accounts_.erase(lease.request.account);
  // While it was in quarantine, its ticket may have been used for another Acquire.
  const auto ticket = tickets_.find(TicketKey{holder.uid, lease.request.ticket});
  if (ticket != tickets_.end() && ticket->second.second == id) tickets_.erase(ticket);
  if (const auto found = holders_.find({holder.pid, holder.start_ticks}); found != holders_.end()) {
    found->second.erase(id);
    if (found->second.empty()) holders_.erase(found);
  }
  if (const auto stream = streams_.find(lease.client.stream); stream != streams_.end()) {
    stream->second.leases.erase(id);
  }
  ShrinkShare(lease.client.connection);
  timers_.Clear({TimerKind::kLease, id});
  leases_.erase(id);  // the reference dies here
}

void Broker::ChangeSettings(const Client& client, const std::string& name, Effects& effects,
                            absl::FunctionRef<void(Account&, Done&)> change) {
  Account* account = FindConfigured(name);
  if (account == nullptr) {
    effects.events.push_back(
        {client.stream, Failed{0, absl::NotFoundError(absl::StrCat("no account ", name))}});
    return;
  }
  Done done{.account = account->name()};
  change(*account, done);
  done.slot_limit = account->limit.value();
  effects.records.push_back(account->settings());
  effects.events.push_back({client.stream, std::move(done)});
}

void Broker::Handle(const SetLimit& set, BootTime now, Effects& effects) {
  ChangeSettings(set.client, set.account, effects,
                 [&](Account& account, Done&) { account.limit.Pin(set.limit, now); });
}

void Broker::Handle(const SetPaused& set, BootTime now, Effects& effects) {
  ChangeSettings(set.client, set.account, effects, [&](Account& account, Done& done) {
    account.paused = set.paused;
    if (!set.paused) EndBlocks(account, set.end_breaker, now, effects, done);
  });
}

void Broker::Handle(const Revoke& revoke, BootTime now, Effects& effects) {
  const auto found = leases_.find(revoke.lease);
  if (found == leases_.end() || found->second.state == LeaseState::kQuarantined) {
    effects.events.push_back({revoke.client.stream, NotOpen(revoke.lease)});
    return;
  }
  Lease& lease = found->second;
  if (!MayTouch(revoke.client, lease.client.holder.uid)) {
    effects.events.push_back({revoke.client.stream, NotOurs(revoke.lease)});
    return;
  }
  if (lease.client.stream != 0) {
    effects.events.push_back({lease.client.stream, Revoked{revoke.lease}});
  }
  effects.events.push_back({revoke.client.stream, Done{lease.request.account, 0}});
  Quarantine(lease, Outcome::kRevoked, now, effects);
}

}  // namespace zbroker::core
