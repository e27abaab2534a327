#include "daemon/core/clients.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace zbroker::core {
namespace {

TicketKey TicketOf(const Lease& lease) { return {lease.client.holder.uid, lease.request.ticket}; }

TicketKey TicketOf(const Waiter& waiter) {
  return {waiter.client.holder.uid, waiter.request.ticket};
}

}  // namespace

void Clients::Recall(LeaseId last_lease) { last_lease_ = std::max(last_lease_, last_lease); }

Lease& Clients::Open(Lease lease) {
  const LeaseId id = lease.id;
  Lease& open = leases_[id] = std::move(lease);
  tickets_[TicketOf(open)] = {0, id};
  Hold(open);
  timers_.Set({TimerKind::kLease, id}, open.until);
  return open;
}

Lease* Clients::FindLease(LeaseId id) {
  const auto found = leases_.find(id);
  return found == leases_.end() ? nullptr : &found->second;
}

const Lease* Clients::FindLease(LeaseId id) const {
  const auto found = leases_.find(id);
  return found == leases_.end() ? nullptr : &found->second;
}

void Clients::Close(LeaseId id, Outcome outcome) {
  ended_[id] = {leases_.at(id).client.holder.uid, outcome};
  ended_order_.push_back(id);
  if (ended_order_.size() > kEndedMax) {
    ended_.erase(ended_order_.front());
    ended_order_.pop_front();
  }
  Unopen(id);
}

void Clients::Unopen(LeaseId id) {
  const Lease& lease = leases_.at(id);
  // While it was in quarantine, its ticket may have been used for another Acquire.
  const auto ticket = tickets_.find(TicketOf(lease));
  if (ticket != tickets_.end() && ticket->second.second == id) tickets_.erase(ticket);
  LetGo(lease);
  timers_.Clear({TimerKind::kLease, id});
  leases_.erase(id);
}

std::optional<Clients::Ended> Clients::FindEnded(LeaseId id) const {
  const auto found = ended_.find(id);
  return found == ended_.end() ? std::nullopt : std::optional(found->second);
}

void Clients::Hold(const Lease& lease) {
  const Client& client = lease.client;
  holders_[{client.holder.pid, client.holder.start_ticks}].insert(lease.id);
  if (client.connection != 0) ++shares_[client.connection];
  if (client.stream != 0 && lease.request.ttl == absl::ZeroDuration()) {
    streams_[client.stream].leases.insert(lease.id);
  }
}

void Clients::LetGo(const Lease& lease) {
  const Client& client = lease.client;
  const auto holder = holders_.find({client.holder.pid, client.holder.start_ticks});
  if (holder != holders_.end()) {
    holder->second.erase(lease.id);
    if (holder->second.empty()) holders_.erase(holder);
  }
  ShrinkShare(client.connection);
  if (const auto stream = streams_.find(client.stream); stream != streams_.end()) {
    stream->second.leases.erase(lease.id);
  }
}

void Clients::Attach(Lease& lease, const Client& client) {
  LetGo(lease);
  lease.client = client;
  Hold(lease);
}

void Clients::Detach(Lease& lease) {
  LetGo(lease);
  lease.client.stream = 0;
  lease.client.connection = 0;
  Hold(lease);
}

void Clients::SetUntil(Lease& lease, BootTime until) {
  lease.until = until;
  timers_.Set({TimerKind::kLease, lease.id}, until);
}

absl::Status Clients::CheckShare(ConnectionId connection) const {
  const auto share = shares_.find(connection);
  if (share == shares_.end() || share->second < kConnectionShareMax) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat("this connection has ", kConnectionShareMax,
                                                   " leases and waiters, the most one may have"));
}

void Clients::ShrinkShare(ConnectionId connection) {
  const auto share = shares_.find(connection);
  if (share == shares_.end()) return;
  if (--share->second == 0) shares_.erase(share);
}

Waiter& Clients::Enter(Waiter waiter) {
  if (waiter.order.id == 0) waiter.order.id = ++last_waiter_;
  const WaiterId id = waiter.order.id;
  Waiter& entered = waiters_[id] = std::move(waiter);
  tickets_[TicketOf(entered)] = {id, 0};
  streams_[entered.client.stream].waiters.insert(id);
  ++shares_[entered.client.connection];
  timers_.Set({TimerKind::kWaiter, id}, entered.deadline);
  return entered;
}

Waiter* Clients::FindWaiter(WaiterId id) {
  const auto found = waiters_.find(id);
  return found == waiters_.end() ? nullptr : &found->second;
}

void Clients::LeaveStream(const Waiter& waiter) {
  ShrinkShare(waiter.client.connection);
  if (const auto stream = streams_.find(waiter.client.stream); stream != streams_.end()) {
    stream->second.waiters.erase(waiter.order.id);
  }
}

void Clients::Remove(WaiterId id) {
  const Waiter& waiter = waiters_.at(id);
  LeaveStream(waiter);
  const auto ticket = tickets_.find(TicketOf(waiter));
  if (ticket != tickets_.end() && ticket->second.first == id) tickets_.erase(ticket);
  timers_.Clear({TimerKind::kWaiter, id});
  waiters_.erase(id);
}

void Clients::Move(Waiter& waiter, const Client& client, BootTime deadline) {
  LeaveStream(waiter);
  waiter.client = client;
  waiter.deadline = deadline;
  streams_[client.stream].waiters.insert(waiter.order.id);
  ++shares_[client.connection];
  timers_.Set({TimerKind::kWaiter, waiter.order.id}, deadline);
}

std::vector<WaiterId> Clients::Waiters() const {
  std::vector<WaiterId> ids;
  for (const auto& [id, waiter] : waiters_) ids.push_back(id);
  std::sort(ids.begin(), ids.end());  // the map's order would differ from run to run
  return ids;
}

Clients::Ticket Clients::Find(uint32_t uid, const std::string& ticket) {
  const auto found = tickets_.find(TicketKey{uid, ticket});
  if (found == tickets_.end()) return {};
  const auto [waiter, lease] = found->second;
  if (lease != 0) return {nullptr, &leases_.at(lease)};
  return {&waiters_.at(waiter), nullptr};
}

Clients::Held Clients::CloseStream(StreamId stream) {
  const auto found = streams_.find(stream);
  if (found == streams_.end()) return {};
  Held held{{found->second.leases.begin(), found->second.leases.end()},
            {found->second.waiters.begin(), found->second.waiters.end()}};
  streams_.erase(found);
  return held;
}

std::vector<LeaseId> Clients::HeldBy(int32_t pid, uint64_t start_ticks) const {
  const auto found = holders_.find({pid, start_ticks});
  if (found == holders_.end()) return {};
  return {found->second.begin(), found->second.end()};
}

std::optional<std::variant<Clients::DueLease, Clients::DueWaiter>> Clients::Due(BootTime now) {
  const auto due = timers_.Pop(now);
  if (!due) return std::nullopt;
  if (due->kind == TimerKind::kLease) return DueLease{due->id};
  return DueWaiter{due->id};
}

}  // namespace zbroker::core
