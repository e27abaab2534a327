// What the daemon says on a session, and what becomes of it.
#include <algorithm>
#include <utility>

#include "client/broker/client_state.h"
#include "client/broker/refusal.h"

namespace zbroker::broker {
namespace {

constexpr absl::Duration kAskAgainPause = absl::Milliseconds(500);

}  // namespace

void ClientState::OnReply(const v1::SessionReply& reply) {
  Calls calls;
  {
    MutexLock lock(mutex_);
    switch (reply.reply_case()) {
      case v1::SessionReply::kWelcome:
        OnWelcome(reply.welcome(), calls);
        break;
      case v1::SessionReply::kQueued:
        OnQueued(reply.queued(), calls);
        break;
      case v1::SessionReply::kGranted:
        OnGranted(reply.granted(), calls);
        break;
      case v1::SessionReply::kRefused:
        OnRefused(reply.refused(), calls);
        break;
      case v1::SessionReply::kReleased:
        OnReleased(reply.released().lease_id(), absl::OkStatus(), calls);
        break;
      case v1::SessionReply::kFailed:
        OnReleased(reply.failed().lease_id(),
                   absl::Status(static_cast<absl::StatusCode>(reply.failed().code()),
                                reply.failed().message()),
                   calls);
        break;
      case v1::SessionReply::kRevoked:
        OnRevoked(reply.revoked(), calls);
        break;
      case v1::SessionReply::kGoingDown:
        if (session_ != nullptr) session_->Cancel();
        break;
      case v1::SessionReply::REPLY_NOT_SET:
        break;
    }
  }
  for (const auto& call : calls) call();
}

void ClientState::OnWelcome(const v1::Welcome& welcome, Calls& calls) {
  for (const uint64_t id : std::exchange(reclaiming_, {})) {
    const auto& ours = welcome.reclaimed();
    const auto held = held_.find(id);
    if (held == held_.end() || std::find(ours.begin(), ours.end(), id) != ours.end()) continue;
    if (held->second.on_lost) {
      calls.push_back([on_lost = std::move(held->second.on_lost)] {
        on_lost("the daemon was away for too long and has given it up");
      });
    }
    held_.erase(held);
  }
}

void ClientState::OnQueued(const v1::Queued& queued, Calls& calls) {
  const auto found = waiting_.find(queued.ticket());
  if (found == waiting_.end()) return;
  Waiting& waiting = found->second;
  waiting.request.set_arrival_boot_us(queued.arrival_boot_us());
  waiting.away_since = BootTime::InfiniteFuture();
  waiting.refusal = absl::OkStatus();
  if (waiting.callbacks.on_queued) {
    calls.push_back([tell = waiting.callbacks.on_queued, queued] { tell(queued); });
  }
}

void ClientState::OnGranted(const v1::Granted& granted, Calls& calls) {
  const auto found = waiting_.find(granted.ticket());
  if (found == waiting_.end()) {
    // Told twice, because an Acquire with its ticket crossed the grant on the way.
    if (held_.contains(granted.lease_id())) return;
    // Our cancellation crossed the grant.
    v1::SessionRequest message;
    message.mutable_release()->set_lease_id(granted.lease_id());
    message.mutable_release()->set_outcome(v1::OUTCOME_CANCELLED);
    message.mutable_release()->mutable_details()->set_unused(true);
    SendLocked(std::move(message));
    return;
  }
  held_[granted.lease_id()] = {granted.ticket(), std::move(found->second.callbacks.on_lost)};
  auto lease = std::make_shared<Lease>(Lease(shared_from_this(), granted));
  calls.push_back(
      [on_end = std::move(found->second.callbacks.on_end), lease] { on_end(std::move(*lease)); });
  waiting_.erase(found);
}

void ClientState::OnRefused(const v1::Refused& refused, Calls& calls) {
  const auto found = waiting_.find(refused.ticket());
  if (found == waiting_.end()) return;
  Waiting& waiting = found->second;
  const absl::Status status = ToStatus(refused);
  const BootTime now = clock_.Read().boot;
  waiting.away_since = std::min(waiting.away_since, now);
  if (absl::IsUnavailable(status) && now - waiting.away_since < options_.broker_timeout) {
    waiting.ask_again_at = now + kAskAgainPause;
    waiting.refusal = status;
    changed_.SignalAll();
    if (waiting.callbacks.on_away) {
      calls.push_back([tell = waiting.callbacks.on_away, status] { tell(status); });
    }
    return;
  }
  calls.push_back([on_end = std::move(waiting.callbacks.on_end), status] { on_end(status); });
  waiting_.erase(found);
}

void ClientState::OnReleased(uint64_t lease_id, const absl::Status& status, Calls& calls) {
  const auto found = releasing_.find(lease_id);
  if (found == releasing_.end()) return;
  if (found->second.done) {
    calls.push_back([done = std::move(found->second.done), status] { done(status); });
  }
  releasing_.erase(found);
  changed_.SignalAll();
}

void ClientState::OnRevoked(const v1::Revoked& revoked, Calls& calls) {
  const auto found = held_.find(revoked.lease_id());
  if (found == held_.end()) return;
  if (found->second.on_lost) {
    calls.push_back(
        [on_lost = std::move(found->second.on_lost), why = revoked.message()] { on_lost(why); });
  }
  held_.erase(found);
}

}  // namespace zbroker::broker
