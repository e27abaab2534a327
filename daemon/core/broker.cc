#include "daemon/core/broker.h"

#include <algorithm>
#include <set>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"

namespace zbroker::core {
namespace {

// What is true although nothing could be recorded.
bool NeedsNoRecord(const Event& event) {
  return std::holds_alternative<Queued>(event) || std::holds_alternative<Refused>(event) ||
         std::holds_alternative<Renewed>(event) || std::holds_alternative<Welcome>(event) ||
         std::holds_alternative<Failed>(event);
}

}  // namespace

Broker::Broker(BrokerConfig config) : config_(std::move(config)) {
  for (const AccountConfig& account : config_.accounts) AddAccount(account);
}

void Broker::SetWallClock(const WallClock& wall) {
  wall_ = wall;
  for (auto& [name, account] : accounts_) account.SetWallClock(wall);
}

Account* Broker::FindConfigured(const std::string& name) {
  const auto found = accounts_.find(name.empty() ? config_.default_account : name);
  return found == accounts_.end() || found->second.retired() ? nullptr : &found->second;
}

Account& Broker::AddAccount(const AccountConfig& config) {
  return accounts_.try_emplace(config.name, config, times(), wall_, clients_).first->second;
}

void Broker::Recall(const Recovered& recovered, BootTime blocks_since, BootTime now) {
  const auto with = [&](const std::string& name, auto body) {
    const auto found = accounts_.find(name);
    if (found != accounts_.end()) body(found->second);
  };
  for (auto& [name, account] : accounts_) account.ForgetStanding(blocks_since);
  for (const Recovered::Account& past : recovered.accounts) {
    with(past.settings.account,
         [&](Account& account) { account.Recall(past.settings, past.totals, now); });
  }
  for (const BlockSet& past : recovered.blocks) {
    with(past.account, [&](Account& account) { account.Recall(past); });
  }
  for (const PauseSet& past : recovered.pauses) {
    with(past.account, [&](Account& account) { account.Recall(past); });
  }
  for (const Recovered::PastCharges& past : recovered.charges) {
    with(past.account, [&](Account& account) { account.Recall(past); });
  }
  for (const ForeignCharged& past : recovered.foreign) {
    with(past.account, [&](Account& account) { account.Recall(past); });
  }
  for (const ResetKnown& known : recovered.resets) {
    with(known.account, [&](Account& account) { account.Recall(known); });
  }
  for (const MeterRead& read : recovered.readings) {
    with(read.account, [&](Account& account) { account.Recall(read); });
  }
  for (auto& [name, account] : accounts_) account.Recalled(now);
  for (const LimitLearned& learned : recovered.limits) {
    with(learned.account, [&](Account& account) { account.Recall(learned); });
  }
  for (const ModelPinned& pinned : recovered.pins) {
    with(pinned.account, [&](Account& account) { account.Recall(pinned); });
  }
}

void Broker::Restore(const Recovered& recovered, BootTime now) {
  gathering_until_ = now + config_.reclaim_grace;
  clients_.Recall(recovered.last_lease);
  for (const auto& [opened, holder_alive] : recovered.leases) {
    const bool known = accounts_.contains(opened.request.account);
    Account& account = AddAccount({.name = opened.request.account});
    if (!known) account.Retire();
    Lease lease{.id = opened.lease,
                .request = opened.request,
                .client = {.holder = opened.holder},
                .queued = opened.queued,
                .granted = opened.granted,
                .attempt = opened.attempt};
    if (opened.request.ttl > absl::ZeroDuration()) {
      lease.until = now + opened.request.ttl;
    } else if (holder_alive) {
      lease.state = LeaseState::kOrphaned;
      lease.until = now + config_.reclaim_grace;
    } else {
      lease.state = LeaseState::kQuarantined;
      lease.until = now + config_.unclean_hold;
    }
    account.Recall(std::move(lease), opened.charges, now);
  }
  // Who waited for the end of a block comes back to this daemon by the end of the grace.
  Recall(recovered, now - config_.reclaim_grace, now);
  for (auto& [name, account] : accounts_) account.RecallShadows();
  RecallHappenings(recovered);
}

void Broker::Reconfigure(BrokerConfig config, const Recovered& recovered, BootTime now,
                         Effects& effects) {
  // The wall clock was set, if it is the same.
  if (!(config == config_)) {
    Handle(Note{HappeningKind::kConfig, {{"", "another configuration is in force"}}}, now, effects);
  }
  config_ = std::move(config);
  std::set<std::string> named;
  for (const AccountConfig& account : config_.accounts) {
    AddAccount(account).Configure(account, times(), now);
    named.insert(account.name);
  }
  for (auto& [name, account] : accounts_) {
    if (named.contains(name)) continue;
    account.Configure({.name = name}, times(), now);
    account.Retire();
  }
  Recall(recovered, now, now);
  for (const WaiterId id : clients_.Waiters()) {
    Waiter& waiter = *clients_.FindWaiter(id);
    Account& account = AccountOf(waiter.request);
    if (!account.retired()) {
      account.Requeue(waiter, now, effects);
      continue;
    }
    account.Refuse(
        id,
        absl::NotFoundError(absl::StrCat("account ", account.name(), " is no longer configured")),
        effects.events);
  }
}

void Broker::Apply(const Command& command, BootTime now, Effects& effects) {
  std::visit([&](const auto& one) { Handle(one, now, effects); }, command);
}

void Broker::Settle(BootTime now, Effects& effects) {
  while (const auto due = clients_.Due(now)) {
    if (const auto* one = std::get_if<Clients::DueLease>(&*due)) {
      Lease& lease = *clients_.FindLease(one->id);
      AccountOf(lease.request).TimeIsOver(lease, now, effects);
    } else {
      Waiter& waiter = *clients_.FindWaiter(std::get<Clients::DueWaiter>(*due).id);
      AccountOf(waiter.request).RefuseLate(waiter, now, effects);
    }
  }
  for (auto& [name, account] : accounts_) account.Settle(granting(), now, effects);
  std::erase_if(accounts_,
                [](const auto& entry) { return entry.second.retired() && entry.second.empty(); });
  TellHappenings(now, effects);
}

BootTime Broker::NextDeadline() const {
  BootTime next = clients_.NextDue();
  for (const auto& [name, account] : accounts_) {
    next = std::min(next, account.NextDeadline(granting()));
    if (!episodes_.IsOpen(HappeningKind::kWaiting, name, "")) {
      next = std::min(next, account.NextLongWait(config_.long_wait));
    } else if (gathering_until_ > settled_) {
      next = std::min(next, gathering_until_);
    }
  }
  return next;
}

void Broker::LedgerFailed(const absl::Status& cause, Effects& effects,
                          std::vector<AddressedEvent>& refusals) {
  ledger_error_ = cause;
  ledger_trouble_ = std::string(cause.message());
  const absl::Status refusal =
      absl::UnavailableError(absl::StrCat("no lease can be recorded: ", cause.message()));
  std::set<LeaseId> undone;
  for (auto record = effects.records.rbegin(); record != effects.records.rend(); ++record) {
    const auto* opened = std::get_if<LeaseOpened>(&*record);
    if (opened == nullptr) continue;
    undone.insert(opened->lease);
    AccountOf(opened->request).TakeBack(opened->lease);
  }
  std::erase_if(effects.records,
                [](const Record& record) { return std::holds_alternative<LeaseOpened>(record); });
  effects.told = effects.records.size();
  std::erase_if(effects.events, [&](AddressedEvent& event) {
    const auto* granted = std::get_if<Granted>(&event.event);
    if (granted != nullptr && undone.contains(granted->lease)) {
      refusals.push_back({event.stream, Refused{granted->ticket, refusal}});
      return true;
    }
    if (!NeedsNoRecord(event.event)) return false;
    refusals.push_back(std::move(event));
    return true;
  });
  for (const WaiterId id : clients_.Waiters()) {
    AccountOf(clients_.FindWaiter(id)->request).Refuse(id, refusal, refusals);
  }
}

Snapshot Broker::TakeSnapshot(BootTime now) const {
  Snapshot snapshot{.at = now, .ledger_error = ledger_error_};
  for (const auto& [name, account] : accounts_) {
    account.View(now, snapshot.accounts.emplace_back());
  }
  std::stable_sort(snapshot.accounts.begin(), snapshot.accounts.end(),
                   [&](const AccountSnapshot& a, const AccountSnapshot& b) {
                     return (a.name == config_.default_account) >
                            (b.name == config_.default_account);
                   });
  return snapshot;
}

}  // namespace zbroker::core
