// What the daemon says on a stream, and what becomes of it.
#include <algorithm>
#include <memory>
#include <utility>

#include "client/broker/conversation.h"
#include "client/broker/refusal.h"

namespace zbroker::broker {
namespace {

constexpr absl::Duration kAskAgainPause = absl::Milliseconds(500);

}  // namespace

void Conversation::Hear(const v1::SessionReply& reply, const Now& now, Calls& calls) {
  switch (reply.reply_case()) {
    case v1::SessionReply::kWelcome:
      return HearWelcome(reply.welcome(), calls);
    case v1::SessionReply::kQueued:
      return HearQueued(reply.queued(), calls);
    case v1::SessionReply::kGranted:
      return HearGranted(reply.granted(), calls);
    case v1::SessionReply::kRefused:
      return HearRefused(reply.refused(), now.boot, calls);
    case v1::SessionReply::kReleased:
      return HearReleased(reply.released().lease_id(), absl::OkStatus(), calls);
    case v1::SessionReply::kFailed:
      return HearFailed(reply.failed(), now.boot, calls);
    case v1::SessionReply::kRevoked:
      return HearRevoked(reply.revoked(), calls);
    case v1::SessionReply::kGoingDown:
      if (stream_ != nullptr) stream_->Cancel();
      return;
    case v1::SessionReply::REPLY_NOT_SET:
      return;
  }
}

void Conversation::HearWelcome(const v1::Welcome& welcome, Calls& calls) {
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

void Conversation::HearQueued(const v1::Queued& queued, Calls& calls) {
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

void Conversation::HearGranted(const v1::Granted& granted, Calls& calls) {
  // Told twice, because an Acquire with its ticket crossed the grant on the way; or the Acquire has
  // found its former lease, whose release the daemon has not taken yet, and asks again after that.
  if (held_.contains(granted.lease_id()) || releasing_.contains(granted.lease_id())) return;
  const auto found = waiting_.find(granted.ticket());
  if (found == waiting_.end()) {
    // Our cancellation crossed the grant.
    v1::ReleaseDetails details;
    details.set_unused(true);
    return Release(granted.lease_id(), v1::OUTCOME_CANCELLED, details, nullptr, calls);
  }
  BrokerClient::Callbacks callbacks = std::move(found->second.callbacks);
  waiting_.erase(found);
  held_[granted.lease_id()] = {granted.ticket(), std::move(callbacks.on_lost)};
  auto lease = std::make_shared<Lease>(make_lease_(granted));
  calls.push_back([callbacks = std::move(callbacks), lease = std::move(lease)] {
    callbacks.on_end(std::move(*lease));
  });
}

void Conversation::HearRefused(const v1::Refused& refused, BootTime now, Calls& calls) {
  const auto found = waiting_.find(refused.ticket());
  if (found == waiting_.end()) return;
  Waiting& waiting = found->second;
  const absl::Status status = ToStatus(refused);
  waiting.away_since = std::min(waiting.away_since, now);
  if (absl::IsUnavailable(status) && now - waiting.away_since < options_.broker_timeout) {
    waiting.ask_again_at = now + kAskAgainPause;
    waiting.refusal = status;
    LookAt(waiting.ask_again_at);
    if (waiting.callbacks.on_away) {
      calls.push_back([tell = waiting.callbacks.on_away, status] { tell(status); });
    }
    return;
  }
  calls.push_back([callbacks = std::move(waiting.callbacks), status] { callbacks.on_end(status); });
  waiting_.erase(found);
}

void Conversation::HearReleased(uint64_t lease_id, const absl::Status& status, Calls& calls) {
  const auto found = releasing_.find(lease_id);
  if (found == releasing_.end()) return;
  const Releasing releasing = std::move(found->second);
  releasing_.erase(found);
  if (releasing.done) calls.push_back([done = releasing.done, status] { done(status); });
  if (!releasing.refused) return;
  // It may have found this lease open, and got it for an answer.
  const auto waiting = waiting_.find(releasing.ticket);
  if (waiting != waiting_.end()) SayAcquire(waiting->second);
}

void Conversation::HearFailed(const v1::Failed& failed, BootTime now, Calls& calls) {
  const absl::Status status(static_cast<absl::StatusCode>(failed.code()), failed.message());
  const auto found = releasing_.find(failed.lease_id());
  if (found == releasing_.end()) return;
  if (!absl::IsUnavailable(status)) return HearReleased(failed.lease_id(), status, calls);
  Releasing& releasing = found->second;
  releasing.refused = true;
  releasing.send_again_at = now + releasing.pause.Next();
  LookAt(releasing.send_again_at);
}

void Conversation::HearRevoked(const v1::Revoked& revoked, Calls& calls) {
  const auto found = held_.find(revoked.lease_id());
  if (found == held_.end()) return;
  if (found->second.on_lost) {
    calls.push_back(
        [on_lost = std::move(found->second.on_lost), why = revoked.message()] { on_lost(why); });
  }
  held_.erase(found);
}

}  // namespace zbroker::broker
