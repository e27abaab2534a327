// From an Acquire to its grant or refusal.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/core/broker.h"

namespace zbroker::core {

absl::Status Broker::CheckAcquire(const Acquire& acquire, BootTime now) {
  const Request& request = acquire.request;
  if (going_down_) return absl::UnavailableError("the daemon is going down");
  if (!ledger_error_.ok()) {
    return absl::UnavailableError(
        absl::StrCat("no lease can be recorded: ", ledger_error_.message()));
  }
  Account* account = FindConfigured(request.account);
  if (account == nullptr) {
    std::string known;
    for (const AccountConfig& one : config_.accounts) {
      absl::StrAppend(&known, known.empty() ? "" : ", ", one.name);
    }
    return absl::NotFoundError(
        absl::StrCat("no account ", request.account, "; configured: ", known));
  }
  if (acquire.deadline <= now) return absl::DeadlineExceededError("the deadline has passed");
  if (absl::Status fits = account->CheckFits(account->ChargesFor(request, now)); !fits.ok())
    return fits;
  if (account->queue.size() >= config_.queue_max &&
      !sent_back_.Has({acquire.client.holder.uid, request.ticket}, now)) {
    return absl::ResourceExhaustedError(absl::StrCat("the queue of account ", account->name(),
                                                     " is full (", config_.queue_max, ")"));
  }
  const auto share = shares_.find(acquire.client.connection);
  if (share != shares_.end() && share->second >= kConnectionShareMax) {
    return absl::ResourceExhaustedError(absl::StrCat("this connection has ", kConnectionShareMax,
                                                     " leases and waiters, the most one may have"));
  }
  return absl::OkStatus();
}

void Broker::Handle(const Acquire& acquire, BootTime now, Effects& effects) {
  if (Resume(acquire, now, effects)) return;
  if (absl::Status status = CheckAcquire(acquire, now); !status.ok()) {
    effects.events.push_back({acquire.client.stream, Refused{acquire.request.ticket, status}});
    return;
  }
  Enqueue(acquire, *FindConfigured(acquire.request.account), now);
}

// An Acquire sent again, because its client was cut off: finds the waiter, or the lease it became.
bool Broker::Resume(const Acquire& acquire, BootTime now, Effects& effects) {
  const Client& client = acquire.client;
  const auto ticket = tickets_.find(TicketKey{client.holder.uid, acquire.request.ticket});
  if (ticket == tickets_.end()) return false;
  const auto [waiter_id, lease_id] = ticket->second;
  if (lease_id != 0) {
    Lease& lease = leases_.at(lease_id);
    if (lease.state == LeaseState::kQuarantined) return false;
    AttachLease(lease, client);
    TellGranted(*FindAccount(lease.request.account), lease, effects.events);
    return true;
  }
  Waiter& waiter = waiters_.at(waiter_id);
  Account* account = FindAccount(waiter.request.account);
  if (const auto old = streams_.find(waiter.client.stream); old != streams_.end()) {
    old->second.waiters.erase(waiter_id);
  }
  ShrinkShare(waiter.client.connection);
  TakeFromQueue(*account, waiter);  // its place depends on what may be other now
  waiter.client = client;
  waiter.deadline = acquire.deadline;
  waiter.no_wait = acquire.no_wait;
  waiter.hold_until_reset = acquire.hold_until_reset;
  waiter.takes_throttles = acquire.takes_throttles;
  waiter.gone_until = BootTime::InfiniteFuture();
  ++shares_[client.connection];
  streams_[client.stream].waiters.insert(waiter_id);
  if (absl::Status fits = account->CheckFits(account->ChargesFor(waiter.request, now));
      !fits.ok()) {
    Refuse(waiter_id, std::move(fits), effects.events);
    return true;
  }
  PutInQueue(*account, waiter, now);
  SetWaiterTimer(waiter);
  newcomers_.push_back(waiter_id);
  return true;
}

void Broker::Enqueue(const Acquire& acquire, Account& account, BootTime now) {
  const WaiterId id = ++last_waiter_;
  Waiter& waiter = waiters_[id];
  const bool back_in_line = acquire.arrival && now < gathering_until_ && *acquire.arrival < now;
  waiter.order = {back_in_line ? *acquire.arrival : now, id};
  if (const auto place =
          sent_back_.Take({acquire.client.holder.uid, acquire.request.ticket}, now)) {
    waiter.order.arrival = place->arrival;
    waiter.attempt = place->attempts + 1;
  }
  waiter.request = acquire.request;
  waiter.request.account = account.name();
  if (waiter.request.session.empty()) {
    waiter.request.session = absl::StrCat("pid:", acquire.client.holder.pid);
  }
  if (!acquire.priority_given) {
    waiter.request.priority = account.PriorityFor(
        waiter.request, {acquire.client.holder.program, acquire.program}, acquire.background);
  }
  waiter.rank = waiter.request.priority;
  waiter.client = acquire.client;
  waiter.deadline = acquire.deadline;
  waiter.no_wait = acquire.no_wait;
  waiter.hold_until_reset = acquire.hold_until_reset;
  waiter.takes_throttles = acquire.takes_throttles;
  tickets_[{acquire.client.holder.uid, acquire.request.ticket}] = {id, 0};
  streams_[acquire.client.stream].waiters.insert(id);
  ++shares_[acquire.client.connection];
  PutInQueue(account, waiter, now);
  SetWaiterTimer(waiter);
  newcomers_.push_back(id);
}

void Broker::PutInQueue(Account& account, Waiter& waiter, BootTime now) {
  waiter.charges = account.ChargesFor(waiter.request, now);
  waiter.pools = account.slots.PoolsOf(waiter.request.model);
  account.queue.Insert(&waiter);
  const Lease* parent =
      FindParent(waiter.request, waiter.client.holder.uid, /*before=*/last_lease_ + 1);
  waiter.parent = parent == nullptr ? 0 : parent->id;
  if (parent != nullptr) account.children[parent->id].emplace(waiter.order, &waiter);
}

void Broker::TakeFromQueue(Account& account, const Waiter& waiter) {
  account.queue.Erase(waiter);
  const auto siblings = account.children.find(waiter.parent);
  if (siblings == account.children.end()) return;
  siblings->second.erase(waiter.order);
  if (siblings->second.empty()) account.children.erase(siblings);
}

void Broker::Admit(Account& account, BootTime now, Effects& effects) {
  if (going_down_ || account.paused || !ledger_error_.ok()) return;
  AdmitNested(account, now, effects);
  PromoteShadows(account, now);
  WaiterQueue::WindowSet contested = 0;
  while (account.MayStart()) {
    const bool trial = !account.HasFreeSlot();
    if (trial && !account.MayTry()) break;
    const Waiter* next = account.Next(trial, contested);
    if (next == nullptr) break;
    Grant(account, *next, trial ? Footing::kTrial : Footing::kSlot, now, effects);
  }
  if (!account.config().shadow) return;
  for (const Waiter* waiter : account.InOrder()) {
    Grant(account, *waiter, Footing::kShadow, now, effects);
  }
}

// Grants those whose parent is an open lease that hosts nobody: its holder waits for them, so they
// must not wait for its slot, nor for anybody else's turn.
void Broker::AdmitNested(Account& account, BootTime now, Effects& effects) {
  std::vector<LeaseId> parents;  // granting changes the original
  for (const auto& [parent, waiters] : account.children) parents.push_back(parent);
  for (const LeaseId parent : parents) {
    const Lease& host = leases_.at(parent);
    if (!CanHost(host)) continue;
    if (!account.MayStartNested()) return;
    const auto& waiters = account.children.at(parent);
    const auto first = std::find_if(waiters.begin(), waiters.end(), [&](const auto& entry) {
      return account.NeedsOnlyHost(*entry.second, host);
    });
    if (first == waiters.end()) continue;
    Grant(account, *first->second, Footing::kNested, now, effects);
  }
}

void Broker::Grant(Account& account, const Waiter& waiter, Footing footing, BootTime now,
                   Effects& effects) {
  const LeaseId id = ++last_lease_;
  Lease& lease = leases_[id];
  lease = {.id = id,
           .request = waiter.request,
           .client = waiter.client,
           .queued = waiter.order.arrival,
           .granted = now,
           .attempt = waiter.attempt,
           .pools = waiter.pools,
           .shadow = footing == Footing::kShadow,
           .trial = footing == Footing::kTrial,
           .takes_throttles = waiter.takes_throttles};
  if (footing == Footing::kNested) Nest(lease, leases_.at(waiter.parent));
  lease.charges = account.AddCharges(now, SetOff(lease, account, waiter.charges));
  if (lease.request.ttl > absl::ZeroDuration()) lease.until = now + lease.request.ttl;
  effects.records.push_back(LeaseOpened{id, lease.request, lease.client.holder, lease.queued, now,
                                        lease.attempt, lease.charges});
  TellGranted(account, lease, effects.events);
  ++account.totals.granted;
  account.open.insert(id);
  PutInSlot(account, lease, account.expected_hold(), now);
  if (!lease.shadow) {
    if (footing == Footing::kNested) {
      account.pacer.StartedNested(now);
    } else {
      account.pacer.Started(now);
    }
    lease.taken = account.slots.taken();
  }
  if (lease.trial) account.limit.BeginTrial(lease, now);
  tickets_[{lease.client.holder.uid, lease.request.ticket}] = {0, id};
  holders_[{lease.client.holder.pid, lease.client.holder.start_ticks}].insert(id);
  timers_.Set({TimerKind::kLease, id}, lease.until);
  Forget(waiter);
  ++shares_[lease.client.connection];
  if (lease.request.ttl == absl::ZeroDuration()) streams_[lease.client.stream].leases.insert(id);
}

void Broker::TellGranted(const Account& account, const Lease& lease,
                         std::vector<AddressedEvent>& events) {
  events.push_back({lease.client.stream, Granted{.ticket = lease.request.ticket,
                                                 .lease = lease.id,
                                                 .account = lease.request.account,
                                                 .waited = lease.granted - lease.queued,
                                                 .until = lease.until,
                                                 .shadow = account.config().shadow}});
}

void Broker::AnswerNewcomers(BootTime now, Effects& effects) {
  for (const WaiterId id : newcomers_) {
    const auto found = waiters_.find(id);
    if (found == waiters_.end() || found->second.client_gone()) continue;
    const Waiter& waiter = found->second;
    Account* account = FindAccount(waiter.request.account);
    if (RefuseIfBlocked(*account, waiter, effects.events)) continue;
    const WaitState state = account->Explain(waiter, account->PositionOf(waiter));
    if (waiter.no_wait) {
      Refuse(id, absl::AbortedError(absl::StrCat("it would have to wait: ", Describe(state))),
             effects.events);
      continue;
    }
    effects.events.push_back(
        {waiter.client.stream, Queued{waiter.request.ticket, waiter.order.arrival, state}});
    if (told_.empty()) timers_.Set({TimerKind::kProgress, 0}, now + kProgressInterval);
    told_[id] = state;
  }
  newcomers_.clear();
}

void Broker::ReportProgress(BootTime now, Effects& effects) {
  for (auto& [name, account] : accounts_) {
    account.Advance(now, wall_);
    size_t position = 0;
    for (const Waiter* waiter : account.InOrder()) {
      WaitState state = account.Explain(*waiter, ++position);
      const auto told = told_.find(waiter->order.id);
      if (told == told_.end() || told->second.SaysTheSame(state)) continue;
      effects.events.push_back(
          {waiter->client.stream, Queued{waiter->request.ticket, waiter->order.arrival, state}});
      told->second = std::move(state);
    }
  }
  if (!told_.empty()) timers_.Set({TimerKind::kProgress, 0}, now + kProgressInterval);
}

void Broker::Handle(const Cancel& cancel, BootTime now, Effects& effects) {
  const auto ticket = tickets_.find(TicketKey{cancel.client.holder.uid, cancel.ticket});
  if (ticket == tickets_.end() || ticket->second.first == 0) return;
  if (cancel.keep_place) {
    Waiter& waiter = waiters_.at(ticket->second.first);
    if (const auto stream = streams_.find(waiter.client.stream); stream != streams_.end()) {
      stream->second.waiters.erase(waiter.order.id);
    }
    if (!waiter.client_gone()) SetAside(waiter, now);
    return;
  }
  Refuse(ticket->second.first, absl::CancelledError("cancelled"), effects.events);
}

void Broker::Refuse(WaiterId id, absl::Status why, std::vector<AddressedEvent>& events,
                    std::optional<Block> block) {
  const Waiter& waiter = waiters_.at(id);
  if (!waiter.client_gone()) {
    events.push_back(
        {waiter.client.stream, Refused{waiter.request.ticket, std::move(why), std::move(block)}});
  }
  tickets_.erase({waiter.client.holder.uid, waiter.request.ticket});
  Forget(waiter);
}

void Broker::SetAside(Waiter& waiter, BootTime now) {
  TakeFromQueue(*FindAccount(waiter.request.account), waiter);
  ShrinkShare(waiter.client.connection);
  waiter.client.stream = 0;
  waiter.client.connection = 0;
  waiter.gone_until = now + kPlaceKept;
  told_.erase(waiter.order.id);
  SetWaiterTimer(waiter);
}

void Broker::SetWaiterTimer(const Waiter& waiter) {
  timers_.Set({TimerKind::kWaiter, waiter.order.id}, std::min(waiter.deadline, waiter.gone_until));
}

void Broker::Forget(const Waiter& waiter) {
  const WaiterId id = waiter.order.id;
  if (Account* account = FindAccount(waiter.request.account)) TakeFromQueue(*account, waiter);
  if (const auto stream = streams_.find(waiter.client.stream); stream != streams_.end()) {
    stream->second.waiters.erase(id);
  }
  ShrinkShare(waiter.client.connection);
  timers_.Clear({TimerKind::kWaiter, id});
  told_.erase(id);
  waiters_.erase(id);  // the reference dies here
}

}  // namespace zbroker::core
