// Whom each command is about, and who may give it.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/core/broker.h"

namespace zbroker::core {
namespace {

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

absl::Status Broker::CheckAcquire(const Acquire& acquire, BootTime now) {
  if (going_down_) return absl::UnavailableError("the daemon is going down");
  if (!ledger_error_.ok()) {
    return absl::UnavailableError(
        absl::StrCat("no lease can be recorded: ", ledger_error_.message()));
  }
  Account* account = FindConfigured(acquire.request.account);
  if (account == nullptr) {
    std::string known;
    for (const AccountConfig& one : config_.accounts) {
      absl::StrAppend(&known, known.empty() ? "" : ", ", one.name);
    }
    return absl::NotFoundError(
        absl::StrCat("no account ", acquire.request.account, "; configured: ", known));
  }
  if (acquire.deadline <= now) return absl::DeadlineExceededError("the deadline has passed");
  if (absl::Status room = clients_.CheckShare(acquire.client.connection); !room.ok()) return room;
  return account->CheckRoom(acquire, config_.queue_max, now);
}

void Broker::Handle(const Acquire& acquire, BootTime now, Effects& effects) {
  const auto [waiter, lease] = clients_.Find(acquire.client.holder.uid, acquire.request.ticket);
  if (waiter != nullptr) {
    return AccountOf(waiter->request).AskAgain(*waiter, acquire, now, effects);
  }
  if (lease != nullptr && lease->state != LeaseState::kQuarantined) {
    Reclaim(*lease, acquire.client);
    return AccountOf(lease->request).TellGranted(*lease, effects.events);
  }
  if (absl::Status status = CheckAcquire(acquire, now); !status.ok()) {
    clients_.places().Take({acquire.client.holder.uid, acquire.request.ticket}, now);
    effects.events.push_back({acquire.client.stream, Refused{acquire.request.ticket, status}});
    return;
  }
  BootTime arrival = now;
  if (acquire.arrival && now < gathering_until_) {
    arrival = std::clamp(*acquire.arrival, now - kArrivalOldest, now);
  }
  FindConfigured(acquire.request.account)->Ask(acquire, arrival, now);
}

void Broker::Handle(const Cancel& cancel, BootTime now, Effects& effects) {
  const uint32_t uid = cancel.client.holder.uid;
  Waiter* waiter = clients_.Find(uid, cancel.ticket).waiter;
  if (waiter == nullptr) {
    if (!cancel.keep_place) clients_.places().Take({uid, cancel.ticket}, now);
    return;
  }
  Account& account = AccountOf(waiter->request);
  if (cancel.keep_place) return account.SetAside(*waiter, now);
  account.Refuse(waiter->order.id, absl::CancelledError("cancelled"), effects.events);
}

void Broker::Handle(const Release& release, BootTime now, Effects& effects) {
  const auto reply = [&](Event event) {
    effects.events.push_back({release.client.stream, std::move(event)});
  };
  const LeaseId id = release.lease;
  if (Lease* lease = clients_.FindLease(id)) {
    if (!MayTouch(release.client, lease->client.holder.uid)) return reply(NotOurs(id));
    return AccountOf(lease->request).Release(*lease, release, now, effects);
  }
  if (const auto ended = clients_.FindEnded(id)) {
    if (!MayTouch(release.client, ended->uid)) return reply(NotOurs(id));
    return reply(Released{id, ended->outcome, true});
  }
  if (id == 0 || id > clients_.last_lease()) {
    return reply(
        Failed{id, absl::NotFoundError(absl::StrCat("no lease ", id, " was ever granted"))});
  }
  reply(Released{id, std::nullopt, true});
}

void Broker::Handle(const Renew& renew, BootTime now, Effects& effects) {
  const auto reply = [&](Event event) {
    effects.events.push_back({renew.client.stream, std::move(event)});
  };
  Lease* lease = clients_.FindLease(renew.lease);
  if (lease == nullptr) return reply(NotOpen(renew.lease));
  if (!MayTouch(renew.client, lease->client.holder.uid)) return reply(NotOurs(renew.lease));
  if (lease->request.ttl == absl::ZeroDuration()) {
    return reply(Failed{renew.lease, absl::FailedPreconditionError(absl::StrCat(
                                         "lease ", renew.lease,
                                         " lives as long as its stream and needs no renewal"))});
  }
  if (lease->state == LeaseState::kQuarantined) {
    return reply(Failed{renew.lease,
                        absl::NotFoundError(absl::StrCat("lease ", renew.lease, " has expired"))});
  }
  clients_.SetUntil(*lease, now + lease->request.ttl);
  reply(Renewed{lease->id, lease->until});
}

void Broker::Handle(const Hello& hello, BootTime, Effects& effects) {
  Welcome welcome;
  for (const Hello::Reclaim& reclaim : hello.reclaims) {
    Lease* lease = clients_.FindLease(reclaim.lease);
    if (lease == nullptr || lease->client.holder.uid != hello.client.holder.uid ||
        lease->request.ticket != reclaim.ticket || lease->state == LeaseState::kQuarantined) {
      continue;
    }
    Reclaim(*lease, hello.client);
    welcome.reclaimed.push_back(lease->id);
  }
  effects.events.push_back({hello.client.stream, std::move(welcome)});
}

void Broker::Reclaim(Lease& lease, const Client& client) {
  clients_.Attach(lease, client);
  if (lease.request.ttl > absl::ZeroDuration()) return;
  lease.state = LeaseState::kHeld;
  clients_.SetUntil(lease, BootTime::InfiniteFuture());
}

void Broker::Handle(const StreamClosed& closed, BootTime now, Effects&) {
  const Clients::Held held = clients_.CloseStream(closed.stream);
  for (const LeaseId id : held.leases) {
    Lease& lease = *clients_.FindLease(id);
    AccountOf(lease.request).Orphan(lease, now + config_.reclaim_grace, now);
  }
  for (const WaiterId id : held.waiters) {
    Waiter& waiter = *clients_.FindWaiter(id);
    AccountOf(waiter.request).SetAside(waiter, now);
  }
}

void Broker::Handle(const HolderStopped& stopped, BootTime now, Effects&) {
  for (const LeaseId id : clients_.HeldBy(stopped.pid, stopped.start_ticks)) {
    Lease& lease = *clients_.FindLease(id);
    if (lease.state != LeaseState::kOrphaned) continue;
    clients_.SetUntil(lease, now + config_.reclaim_grace);
  }
}

void Broker::Handle(const HolderExited& exited, BootTime now, Effects& effects) {
  for (const LeaseId id : clients_.HeldBy(exited.pid, exited.start_ticks)) {
    Lease& lease = *clients_.FindLease(id);
    if (lease.request.ttl > absl::ZeroDuration()) continue;
    const bool runs = exited.command_until.has_value();
    // A quarantine goes on as it has begun, but for that of a command which is found, or has ended.
    const bool concerned = lease.command_runs || (runs && lease.ending == Outcome::kLost);
    if (lease.state == LeaseState::kQuarantined && !concerned) continue;
    lease.command_runs = runs;
    Account& account = AccountOf(lease.request);
    if (lease.command_runs) {
      account.QuarantineUntil(*exited.command_until, lease, Outcome::kLost, now, effects);
    } else {
      account.Quarantine(lease, Outcome::kLost, now, effects);
    }
  }
}

void Broker::ChangeSettings(const Client& client, const std::string& name, Effects& effects,
                            absl::FunctionRef<absl::Status(Account&, Done&)> change) {
  Account* account = FindConfigured(name);
  if (account == nullptr) {
    effects.events.push_back(
        {client.stream, Failed{0, absl::NotFoundError(absl::StrCat("no account ", name))}});
    return;
  }
  Done done{.account = account->name()};
  if (absl::Status changed = change(*account, done); !changed.ok()) {
    effects.events.push_back({client.stream, Failed{0, std::move(changed)}});
    return;
  }
  effects.events.push_back({client.stream, std::move(done)});
}

void Broker::Handle(const SetLimit& set, BootTime now, Effects& effects) {
  ChangeSettings(set.client, set.account, effects, [&](Account& account, Done& done) {
    return account.Pin(set, now, effects, done);
  });
}

void Broker::Handle(const SetPaused& set, BootTime now, Effects& effects) {
  ChangeSettings(set.client, set.account, effects, [&](Account& account, Done& done) {
    if (set.paused) return account.Pause(set, now, effects, done);
    account.Resume(set, now, effects, done);
    return absl::OkStatus();
  });
}

void Broker::Handle(const ReportMeter& report, BootTime now, Effects& effects) {
  ChangeSettings(report.client, report.account, effects, [&](Account& account, Done& done) {
    return account.HearMeter(report, now, effects, done);
  });
}

void Broker::Handle(const Revoke& revoke, BootTime now, Effects& effects) {
  const auto reply = [&](Event event) {
    effects.events.push_back({revoke.client.stream, std::move(event)});
  };
  Lease* lease = clients_.FindLease(revoke.lease);
  if (lease == nullptr || lease->state == LeaseState::kQuarantined) {
    return reply(NotOpen(revoke.lease));
  }
  if (!MayTouch(revoke.client, lease->client.holder.uid)) return reply(NotOurs(revoke.lease));
  if (lease->client.stream != 0) {
    effects.events.push_back({lease->client.stream, Revoked{revoke.lease}});
  }
  Account& account = AccountOf(lease->request);
  reply(Done{account.name(), 0});
  account.Quarantine(*lease, Outcome::kRevoked, now, effects);
}

}  // namespace zbroker::core
