#include "daemon/core/broker.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"

namespace zbroker::core {

Broker::Broker(BrokerConfig config) : config_(std::move(config)) {
  for (const AccountConfig& account : config_.accounts) {
    accounts_.emplace(account.name, Account(account, config_.age_after));
  }
}

Account* Broker::FindAccount(const std::string& name) {
  const auto found = accounts_.find(name);
  return found == accounts_.end() ? nullptr : &found->second;
}

Account* Broker::FindConfigured(const std::string& name) {
  Account* account = FindAccount(name.empty() ? config_.default_account : name);
  return account == nullptr || account->retired ? nullptr : account;
}

void Broker::Remember(const Recovered& recovered, BootTime now) {
  for (const Recovered::Account& past : recovered.accounts) {
    Account* account = FindAccount(past.settings.account);
    if (account == nullptr) continue;
    account->limit.Pin(past.settings.slot_limit, now);
    account->paused = past.settings.paused;
    account->totals = past.totals;
  }
  for (auto& [name, account] : accounts_) account.blocks.Clear();
  for (const BlockSet& past : recovered.blocks) {
    if (Account* account = FindAccount(past.account)) account->blocks.Add(past.block);
  }
  for (const Recovered::PastCharge& charge : recovered.charges) {
    Account* account = FindAccount(charge.account);
    if (account == nullptr) continue;
    if (Window* window = account->FindWindow(charge.window)) window->Add(charge.at, charge.amount);
  }
  for (const ResetKnown& known : recovered.resets) {
    if (Account* account = FindAccount(known.account)) account->RestoreReset(known);
  }
  for (auto& [name, account] : accounts_) {
    account.Advance(now, wall_);
    for (const LeaseId id : account.open) account.MarkExcess(leases_.at(id));
  }
  for (const LimitLearned& learned : recovered.limits) {
    if (Account* account = FindAccount(learned.account)) account->limit.Restore(learned.state);
  }
}

void Broker::Restore(const Recovered& recovered, BootTime now) {
  gathering_until_ = now + config_.reclaim_grace;
  last_lease_ = std::max(last_lease_, recovered.last_lease);
  for (const auto& [opened, holder_alive] : recovered.leases) {
    auto [found, inserted] = accounts_.try_emplace(
        opened.request.account, AccountConfig{.name = opened.request.account}, config_.age_after);
    Account& account = found->second;
    if (inserted) account.retired = true;
    account.open.insert(opened.lease);
    Lease& lease = leases_[opened.lease];
    lease = {.id = opened.lease,
             .request = opened.request,
             .client = {.holder = opened.holder},
             .queued = opened.queued,
             .granted = opened.granted,
             .attempt = opened.attempt,
             .charges = opened.charges};
    tickets_[{opened.holder.uid, opened.request.ticket}] = {0, opened.lease};
    holders_[{opened.holder.pid, opened.holder.start_ticks}].insert(opened.lease);
    if (opened.request.ttl > absl::ZeroDuration()) {
      lease.until = now + opened.request.ttl;
    } else if (holder_alive) {
      lease.state = LeaseState::kOrphaned;
      lease.until = now + config_.reclaim_grace;
    } else {
      lease.state = LeaseState::kQuarantined;
      lease.until = now + config_.unclean_hold;
    }
    timers_.Set({TimerKind::kLease, lease.id}, lease.until);
    // They come by id, so whoever was nested finds its host, unless that has ended meanwhile.
    lease.pools = account.slots.PoolsOf(lease.request.model);
    if (Lease* host = FindHost(lease)) Nest(lease, *host);
    PutInSlot(account, lease, absl::ZeroDuration(), lease.granted);
  }
  Remember(recovered, now);
  for (auto& [name, account] : accounts_) RestoreShadows(account);
}

void Broker::Reconfigure(BrokerConfig config, const Recovered& recovered, BootTime now,
                         Effects& effects) {
  config_ = std::move(config);
  for (auto& entry : accounts_) {
    const auto named = [&](const AccountConfig& one) { return one.name == entry.first; };
    if (std::any_of(config_.accounts.begin(), config_.accounts.end(), named)) continue;
    entry.second.Configure({.name = entry.first}, config_.age_after);
    entry.second.retired = true;
  }
  for (const AccountConfig& account : config_.accounts) {
    accounts_.try_emplace(account.name, AccountConfig{.name = account.name}, config_.age_after)
        .first->second.Configure(account, config_.age_after);
  }
  for (auto& [name, account] : accounts_) {
    for (const LeaseId id : account.open) {
      Lease& lease = leases_.at(id);
      lease.pools = account.slots.PoolsOf(lease.request.model);
    }
    for (const LeaseId id : account.open) {
      Lease& lease = leases_.at(id);
      if (lease.shadow && !account.config().shadow) {
        EndShadow(account, lease, absl::ZeroDuration(), now);
      } else {
        account.slots.Put(lease, lease.host == 0 ? nullptr : &leases_.at(lease.host));
      }
    }
  }
  std::erase_if(accounts_, [](const auto& entry) {
    return entry.second.retired && entry.second.open.empty() && entry.second.queue.empty();
  });
  Remember(recovered, now);

  std::vector<WaiterId> ids;
  for (const auto& [id, waiter] : waiters_) ids.push_back(id);
  std::sort(ids.begin(), ids.end());  // the map's order would differ from run to run
  for (const WaiterId id : ids) {
    Waiter& waiter = waiters_.at(id);
    Account* account = FindConfigured(waiter.request.account);
    if (account == nullptr) {
      Refuse(id,
             absl::NotFoundError(
                 absl::StrCat("account ", waiter.request.account, " is no longer configured")),
             effects.events);
      continue;
    }
    const absl::Status fits = account->CheckFits(account->ChargesFor(waiter.request, now));
    if (!fits.ok()) {
      Refuse(id, fits, effects.events);
    } else if (!waiter.client_gone()) {
      PutInQueue(*account, waiter, now);
    }
  }
}

void Broker::Apply(const Command& command, BootTime now, Effects& effects) {
  std::visit([&](const auto& one) { Handle(one, now, effects); }, command);
}

void Broker::Settle(BootTime now, Effects& effects) {
  while (const auto due = timers_.Pop(now)) {
    switch (due->kind) {
      case TimerKind::kLease:
        LeaseTimeIsOver(due->id, now, effects);
        break;
      case TimerKind::kWaiter: {
        const Waiter& waiter = waiters_.at(due->id);
        Account* account = FindAccount(waiter.request.account);
        std::string why = "its client is gone";
        if (waiter.deadline <= now) {
          account->Advance(now, wall_);
          why = absl::StrCat("waited until the deadline: ",
                             Describe(account->Explain(waiter, account->PositionOf(waiter))));
        }
        Refuse(due->id, absl::DeadlineExceededError(why), effects.events);
        break;
      }
      case TimerKind::kProgress:
        ReportProgress(now, effects);
        break;
    }
  }
  for (auto& [name, account] : accounts_) {
    account.Advance(now, wall_);
    if (account.TakeReprice()) Reprice(account, now, effects);
    Admit(account, now, effects);
    RecordKnowledge(account, effects);
  }
  AnswerNewcomers(now, effects);
}

void Broker::Reprice(Account& account, BootTime now, Effects& effects) {
  for (Waiter* waiter : account.InOrder()) {
    std::vector<Amount> charges = account.ChargesFor(waiter->request, now);
    if (const absl::Status fits = account.CheckFits(charges); !fits.ok()) {
      Refuse(waiter->order.id, fits, effects.events);
    } else {
      account.queue.Reprice(*waiter, std::move(charges));
    }
  }
}

void Broker::RecordKnowledge(Account& account, Effects& effects) {
  if (account.retired) return;
  if (auto learned = account.limit.TakeChange()) {
    effects.records.push_back(LimitLearned{account.name(), *std::move(learned)});
  }
  for (ResetKnown& known : account.TakeResets()) effects.records.push_back(std::move(known));
}

BootTime Broker::NextDeadline() const {
  BootTime next = timers_.Next();
  if (going_down_ || !ledger_error_.ok()) return next;
  for (const auto& [name, account] : accounts_) {
    const bool shadows = account.config().shadow && !account.open.empty();
    if (account.paused || (account.queue.empty() && !shadows)) continue;
    next = std::min(next, account.NextChance([this](LeaseId id) {
      const Lease& lease = leases_.at(id);
      return CanHost(lease) ? &lease : nullptr;
    }));
  }
  return next;
}

void Broker::LedgerFailed(const absl::Status& cause, Effects& effects,
                          std::vector<AddressedEvent>& refusals) {
  ledger_error_ = cause;
  const absl::Status refusal =
      absl::UnavailableError(absl::StrCat("no lease can be recorded: ", cause.message()));
  std::set<LeaseId> undone;
  for (const Record& record : effects.records) {
    const auto* opened = std::get_if<LeaseOpened>(&record);
    if (opened == nullptr) continue;
    undone.insert(opened->lease);
    const auto lease = leases_.find(opened->lease);
    // It may have ended within the batch.
    const auto ended = ended_.find(opened->lease);
    const bool refunded = ended != ended_.end() && ended->second.refunded;
    if (Account* account = FindAccount(opened->request.account)) {
      if (lease != leases_.end()) {
        account->EndCharges(lease->second, /*take_back=*/true);
        account->limit.LoseSight(lease->second, opened->granted);
      } else if (!refunded) {
        account->EndCharges({.granted = opened->granted, .charges = opened->charges}, true);
      }
      --account->totals.granted;
    }
    if (lease != leases_.end()) {
      ReturnCredit(lease->second);
      Forget(lease->second, opened->granted, opened->granted);
    }
  }
  std::erase_if(effects.records, [&](const Record& record) {
    if (const auto* opened = std::get_if<LeaseOpened>(&record))
      return undone.contains(opened->lease);
    const auto* closed = std::get_if<LeaseClosed>(&record);
    return closed != nullptr && undone.contains(closed->lease);
  });
  std::erase_if(effects.events, [&](const AddressedEvent& event) {
    const auto* granted = std::get_if<Granted>(&event.event);
    if (granted == nullptr || !undone.contains(granted->lease)) return false;
    refusals.push_back({event.stream, Refused{granted->ticket, refusal}});
    return true;
  });
  std::vector<WaiterId> ids;
  for (const auto& [id, waiter] : waiters_) ids.push_back(id);
  std::sort(ids.begin(), ids.end());
  for (const WaiterId id : ids) Refuse(id, refusal, refusals);
}

void Broker::ShrinkShare(ConnectionId connection) {
  const auto share = shares_.find(connection);
  if (share == shares_.end()) return;
  if (--share->second == 0) shares_.erase(share);
}

}  // namespace zbroker::core
