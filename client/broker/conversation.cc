#include "client/broker/conversation.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "client/base/proto_time.h"
#include "client/base/random.h"
#include "client/broker/daemon_starter.h"

namespace zbroker::broker {
namespace {

// A service manager may need that long to give a new socket to its group.
constexpr absl::Duration kHandOverTime = absl::Seconds(1);
// An answer may take so long, on a machine that is busy.
constexpr absl::Duration kAnswerTime = absl::Seconds(2);
// A daemon that lives says itself when a deadline has passed; it is given so long to do it.
constexpr absl::Duration kDeadlineSlack = absl::Seconds(1);
// Between the attempts of a release that the daemon is too busy for. It is never given up: its
// slot would stay taken until this process ends.
constexpr absl::Duration kReleasePauseFirst = absl::Milliseconds(100);
constexpr absl::Duration kReleasePauseLongest = absl::Seconds(5);

// Whether somebody has to mend it first.
bool WontPass(const absl::Status& why, absl::Duration lasted) {
  return IsFailedStart(why) || absl::IsInvalidArgument(why) ||
         (absl::IsPermissionDenied(why) && lasted >= kHandOverTime);
}

absl::Time DeadlineOf(const v1::Acquire& request) {
  return request.has_deadline() ? FromProtoTime(request.deadline()) : absl::InfiniteFuture();
}

}  // namespace

std::string Conversation::Ask(v1::Acquire request, BrokerClient::Callbacks callbacks,
                              const Now& now) {
  std::string ticket = request.ticket().empty() ? RandomHex() : request.ticket();
  assert(waiting_.count(ticket) == 0);
  request.set_ticket(ticket);
  request.clear_arrival_boot_us();
  Waiting& waiting = waiting_[ticket];
  waiting = {
      .request = std::move(request), .callbacks = std::move(callbacks), .away_since = now.boot};
  if (stream_ == nullptr) return ticket;
  SayAcquire(waiting);
  LookAt(UnansweredAt(waiting, now));
  return ticket;
}

void Conversation::Withdraw(const std::string& ticket, bool keep_place, Calls& calls) {
  const auto found = waiting_.find(ticket);
  if (found == waiting_.end()) return;
  calls.push_back([callbacks = std::move(found->second.callbacks)] {
    callbacks.on_end(absl::CancelledError("cancelled"));
  });
  waiting_.erase(found);
  v1::SessionRequest message;
  message.mutable_cancel()->set_ticket(ticket);
  message.mutable_cancel()->set_keep_place(keep_place);
  Say(std::move(message));
}

void Conversation::WithdrawAll(Calls& calls) {
  while (!waiting_.empty()) {
    Withdraw(std::string(waiting_.begin()->first), /*keep_place=*/false, calls);
  }
}

void Conversation::Release(uint64_t lease_id, v1::Outcome outcome,
                           const v1::ReleaseDetails& details, Lender::ReleaseCallback done,
                           Calls& calls) {
  Releasing releasing{.done = std::move(done), .pause = {kReleasePauseFirst, kReleasePauseLongest}};
  releasing.request.set_lease_id(lease_id);
  releasing.request.set_outcome(outcome);
  *releasing.request.mutable_details() = details;
  if (const auto held = held_.find(lease_id); held != held_.end()) {
    releasing.ticket = std::move(held->second.ticket);
    if (held->second.on_lost) calls.push_back([dropped = std::move(held->second.on_lost)] {});
    held_.erase(held);
  }
  const auto added = releasing_.emplace(lease_id, std::move(releasing)).first;
  SayRelease(added->second);
}

void Conversation::EndSeen(uint64_t lease_id) {
  const auto found = releasing_.find(lease_id);
  if (found == releasing_.end()) return;
  v1::ReleaseDetails& details = *found->second.request.mutable_details();
  if (!details.under_way()) return;
  details.set_under_way(false);
  SayRelease(found->second);
}

void Conversation::Say(v1::SessionRequest request) {
  if (stream_ != nullptr) stream_->Send(std::move(request));
}

void Conversation::SayAcquire(Waiting& waiting) {
  waiting.ask_again_at = BootTime::InfiniteFuture();
  waiting.sent = true;
  v1::SessionRequest message;
  *message.mutable_acquire() = waiting.request;
  Say(std::move(message));
}

void Conversation::SayRelease(Releasing& releasing) {
  releasing.send_again_at = BootTime::InfiniteFuture();
  v1::SessionRequest message;
  *message.mutable_release() = releasing.request;
  Say(std::move(message));
}

void Conversation::SayReleases(bool of_tickets_that_wait) {
  for (auto& [id, releasing] : releasing_) {
    if (waiting_.contains(releasing.ticket) == of_tickets_that_wait) SayRelease(releasing);
  }
}

void Conversation::Greet(Stream& stream, const Now& now) {
  stream_ = &stream;
  greeted_ = now.boot;
  v1::SessionRequest message;
  message.mutable_hello()->set_client_name(options_.client_name);
  reclaiming_.clear();
  for (const auto& [id, held] : held_) {
    auto* reclaim = message.mutable_hello()->add_reclaims();
    reclaim->set_lease_id(id);
    reclaim->set_ticket(held.ticket);
    reclaiming_.push_back(id);
  }
  Say(std::move(message));
  // An Acquire that was sent back must find its former lease ended, or it is given that one again.
  // Any other release comes after the waiters: its slot goes to the first of them.
  SayReleases(/*of_tickets_that_wait=*/true);
  for (auto& [ticket, waiting] : waiting_) SayAcquire(waiting);
  SayReleases(/*of_tickets_that_wait=*/false);
  next_look_ = now.boot;
}

void Conversation::Part(const absl::Status& why, const Now& now, Calls& calls) {
  stream_ = nullptr;
  next_look_ = BootTime::InfiniteFuture();
  for (auto& [ticket, waiting] : waiting_) {
    waiting.away_since = std::min(waiting.away_since, now.boot);
  }
  FindNobody(why, now, calls);
}

void Conversation::FindNobody(const absl::Status& why, const Now& now, Calls& calls) {
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    Waiting& waiting = at->second;
    const absl::Duration away = now.boot - waiting.away_since;
    absl::Status end;
    if (DeadlineOf(waiting.request) <= now.wall) {
      end = absl::DeadlineExceededError(why.message());
    } else if (away >= options_.broker_timeout || (!waiting.sent && WontPass(why, away))) {
      end = absl::UnavailableError(why.message());
    }
    if (end.ok()) {
      if (waiting.callbacks.on_away) {
        calls.push_back([tell = waiting.callbacks.on_away, why] { tell(why); });
      }
      ++at;
    } else {
      calls.push_back([callbacks = std::move(waiting.callbacks), end] { callbacks.on_end(end); });
      at = waiting_.erase(at);
    }
  }
}

void Conversation::Attend(const Now& now, Calls& calls) {
  next_look_ = BootTime::InfiniteFuture();
  if (stream_ == nullptr) return;
  EndUnanswered(now, calls);
  for (auto& [id, releasing] : releasing_) {
    if (releasing.send_again_at <= now.boot) SayRelease(releasing);
    LookAt(releasing.send_again_at);
  }
  for (auto& [ticket, waiting] : waiting_) {
    if (waiting.ask_again_at <= now.boot) SayAcquire(waiting);
    LookAt(std::min(waiting.ask_again_at, UnansweredAt(waiting, now)));
  }
}

void Conversation::Forget(Calls& calls) {
  calls.push_back([waiting = std::exchange(waiting_, {}), held = std::exchange(held_, {}),
                   releasing = std::exchange(releasing_, {})] {});
}

BootTime Conversation::UnansweredAt(const Waiting& waiting, const Now& now) const {
  const BootTime patience = std::max(waiting.away_since + options_.broker_timeout,
                                     std::max(waiting.away_since, greeted_) + kAnswerTime);
  return std::min(patience, now.boot + (DeadlineOf(waiting.request) + kDeadlineSlack - now.wall));
}

void Conversation::EndUnanswered(const Now& now, Calls& calls) {
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    Waiting& waiting = at->second;
    if (UnansweredAt(waiting, now) > now.boot) {
      ++at;
      continue;
    }
    const absl::string_view words =
        waiting.refusal.ok() ? "the daemon does not answer" : waiting.refusal.message();
    const absl::Status end = DeadlineOf(waiting.request) <= now.wall
                                 ? absl::DeadlineExceededError(words)
                                 : absl::UnavailableError(words);
    v1::SessionRequest message;
    message.mutable_cancel()->set_ticket(at->first);
    Say(std::move(message));
    calls.push_back([callbacks = std::move(waiting.callbacks), end] { callbacks.on_end(end); });
    at = waiting_.erase(at);
  }
}

}  // namespace zbroker::broker
