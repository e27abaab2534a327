#include "client/broker/client_state.h"

#include <algorithm>
#include <cassert>
#include <random>
#include <utility>

#include "absl/strings/str_format.h"
#include "client/broker/connect.h"
#include "client/broker/daemon_starter.h"

namespace zbroker::broker {
namespace {

constexpr absl::Duration kPauseFirst = absl::Milliseconds(100);
constexpr absl::Duration kPauseLongest = absl::Seconds(1);
// A service manager may need that long to give a new socket to its group.
constexpr absl::Duration kHandOverTime = absl::Seconds(1);
// An answer may take so long, on a machine that is busy.
constexpr absl::Duration kAnswerTime = absl::Seconds(2);
// A daemon that lives says itself when a deadline has passed; it is given so long to do it.
constexpr absl::Duration kDeadlineSlack = absl::Seconds(1);
// For the last releases to be answered when the client is destroyed.
constexpr absl::Duration kFarewell = absl::Seconds(1);

// Whether somebody has to mend it first.
bool WontPass(const absl::Status& why, absl::Duration lasted) {
  return IsFailedStart(why) || absl::IsInvalidArgument(why) ||
         (absl::IsPermissionDenied(why) && lasted >= kHandOverTime);
}

std::string NewTicket() {
  std::random_device random;
  return absl::StrFormat("%08x%08x%08x%08x", random(), random(), random(), random());
}

absl::Time DeadlineOf(const v1::Acquire& request) {
  if (!request.has_deadline()) return absl::InfiniteFuture();
  return absl::FromUnixSeconds(request.deadline().seconds()) +
         absl::Nanoseconds(request.deadline().nanos());
}

}  // namespace

ClientState::~ClientState() {
  {
    MutexLock lock(mutex_);
    const BootTime until = clock_.Read().boot + kFarewell;
    while (session_ != nullptr && !session_ended_ && !releasing_.empty()) {
      const absl::Duration left = until - clock_.Read().boot;
      if (left <= absl::ZeroDuration()) break;
      changed_.WaitFor(mutex_, left);
    }
    stopping_ = true;
    changed_.SignalAll();
  }
  if (thread_.joinable()) thread_.join();
}

std::string ClientState::StartAcquire(v1::Acquire request, BrokerClient::Callbacks callbacks) {
  const std::string ticket = request.ticket().empty() ? NewTicket() : request.ticket();
  request.set_ticket(ticket);
  request.clear_arrival_boot_us();
  MutexLock lock(mutex_);
  assert(waiting_.count(ticket) == 0);
  if (session_ != nullptr) {
    v1::SessionRequest message;
    *message.mutable_acquire() = request;
    SendLocked(std::move(message));
  }
  waiting_[ticket] = {.request = std::move(request),
                      .callbacks = std::move(callbacks),
                      .away_since = clock_.Read().boot,
                      .sent = session_ != nullptr};
  if (!thread_started_) {
    thread_started_ = true;
    thread_ = std::thread([this] { Run(); });
  }
  changed_.SignalAll();
  return ticket;
}

void ClientState::CancelAcquire(const std::string& ticket, bool keep_place) {
  std::function<void(absl::StatusOr<Lease>)> on_end;
  {
    MutexLock lock(mutex_);
    const auto found = waiting_.find(ticket);
    if (found == waiting_.end()) return;
    on_end = std::move(found->second.callbacks.on_end);
    waiting_.erase(found);
    v1::SessionRequest message;
    message.mutable_cancel()->set_ticket(ticket);
    message.mutable_cancel()->set_keep_place(keep_place);
    SendLocked(std::move(message));
  }
  on_end(absl::CancelledError("cancelled"));
}

void ClientState::CancelAll() {
  std::vector<std::string> tickets;
  {
    MutexLock lock(mutex_);
    for (const auto& [ticket, waiting] : waiting_) tickets.push_back(ticket);
  }
  for (const std::string& ticket : tickets) CancelAcquire(ticket, false);
}

void ClientState::StartRelease(uint64_t lease_id, v1::Outcome outcome,
                               const v1::ReleaseDetails& details, ReleaseCallback done) {
  MutexLock lock(mutex_);
  std::string ticket;
  if (const auto held = held_.find(lease_id); held != held_.end()) {
    ticket = std::move(held->second.ticket);
    held_.erase(held);
  }
  v1::SessionRequest message;
  message.mutable_release()->set_lease_id(lease_id);
  message.mutable_release()->set_outcome(outcome);
  *message.mutable_release()->mutable_details() = details;
  releasing_[lease_id] = {std::move(ticket), message.release(), std::move(done)};
  SendLocked(std::move(message));
  changed_.SignalAll();
}

void ClientState::SendLocked(v1::SessionRequest request) {
  if (session_ != nullptr) session_->Send(std::move(request));
}

bool ClientState::HasWorkLocked() const {
  return !waiting_.empty() || !held_.empty() || !releasing_.empty();
}

void ClientState::Run() {
  absl::Duration pause = kPauseFirst;
  for (;;) {
    {
      MutexLock lock(mutex_);
      while (!stopping_ && !HasWorkLocked()) changed_.Wait(mutex_);
      if (stopping_) return;
    }
    const BootTime begin = clock_.Read().boot;
    if (ConnectSession()) AttendSession();
    // A session that lasted was a good one: the first pause after it is short.
    if (clock_.Read().boot - begin > kPauseLongest) pause = kPauseFirst;
    MutexLock lock(mutex_);
    if (!stopping_) changed_.WaitFor(mutex_, pause);
    pause = std::min(pause * 2, kPauseLongest);
  }
}

bool ClientState::ConnectSession() {
  auto channel = Connect({.socket_path = options_.socket_path,
                          .start_daemon = options_.start_daemon,
                          .timeout = absl::ZeroDuration()},
                         [this] {
                           MutexLock lock(mutex_);
                           return stopping_;
                         });
  if (!channel.ok()) {
    GiveUpOrTell(channel.status());
    return false;
  }
  MutexLock lock(mutex_);
  session_ended_ = false;
  session_ = Session::Start(*std::move(channel),
                            {.on_reply = [this](const v1::SessionReply& reply) { OnReply(reply); },
                             .on_end =
                                 [this](const absl::Status& status) {
                                   MutexLock end_lock(mutex_);
                                   session_ended_ = true;
                                   session_error_ = status;
                                   changed_.SignalAll();
                                 }});
  GreetLocked(*session_);
  return true;
}

void ClientState::GreetLocked(Session& session) {
  greeted_ = clock_.Read().boot;
  v1::SessionRequest message;
  message.mutable_hello()->set_client_name(options_.client_name);
  reclaiming_.clear();
  for (const auto& [id, held] : held_) {
    auto* reclaim = message.mutable_hello()->add_reclaims();
    reclaim->set_lease_id(id);
    reclaim->set_ticket(held.ticket);
    reclaiming_.push_back(id);
  }
  session.Send(message);
  // An Acquire that was sent back must find its former lease ended, or it is given that one again.
  // Any other release comes after the waiters: its slot goes to the first of them.
  SendReleasesLocked(session, /*of_tickets_that_wait=*/true);
  for (auto& [ticket, waiting] : waiting_) {
    *message.mutable_acquire() = waiting.request;
    waiting.ask_again_at = BootTime::InfiniteFuture();
    waiting.sent = true;
    session.Send(message);
  }
  SendReleasesLocked(session, /*of_tickets_that_wait=*/false);
}

void ClientState::SendReleasesLocked(Session& session, bool of_tickets_that_wait) {
  for (const auto& [id, releasing] : releasing_) {
    if ((waiting_.count(releasing.ticket) > 0) != of_tickets_that_wait) continue;
    v1::SessionRequest message;
    *message.mutable_release() = releasing.request;
    session.Send(std::move(message));
  }
}

void ClientState::AttendSession() {
  absl::Status error;
  std::shared_ptr<Session> ended;  // destroyed here, on our thread, without the lock
  bool cancelled = false;
  for (bool over = false; !over;) {
    Calls calls;
    {
      MutexLock lock(mutex_);
      if (stopping_ && !std::exchange(cancelled, true)) session_->Cancel();
      const Now now = clock_.Read();
      AskAgainLocked(now.boot);
      EndUnansweredLocked(now, calls);
      const absl::Duration pause = NextLookLocked(now) - now.boot;
      if (calls.empty() && !session_ended_) {
        if (pause == absl::InfiniteDuration()) {
          changed_.Wait(mutex_);
        } else {
          changed_.WaitFor(mutex_, pause);
        }
      }
      over = session_ended_;
    }
    for (const auto& call : calls) call();
  }
  {
    MutexLock lock(mutex_);
    ended = std::move(session_);
    error = session_error_;
    const BootTime now = clock_.Read().boot;
    for (auto& [ticket, waiting] : waiting_) {
      waiting.away_since = std::min(waiting.away_since, now);
    }
  }
  ended.reset();
  GiveUpOrTell(error.ok() ? absl::UnavailableError("the daemon ended the session") : error);
}

void ClientState::AskAgainLocked(BootTime now) {
  for (auto& [ticket, waiting] : waiting_) {
    if (waiting.ask_again_at > now) continue;
    waiting.ask_again_at = BootTime::InfiniteFuture();
    v1::SessionRequest message;
    *message.mutable_acquire() = waiting.request;
    session_->Send(std::move(message));
  }
}

BootTime ClientState::UnansweredAt(const Waiting& waiting, const Now& now) const {
  const BootTime patience = std::max(waiting.away_since + options_.broker_timeout,
                                     std::max(waiting.away_since, greeted_) + kAnswerTime);
  return std::min(patience, now.boot + (DeadlineOf(waiting.request) + kDeadlineSlack - now.wall));
}

void ClientState::EndUnansweredLocked(const Now& now, Calls& calls) {
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
    SendLocked(std::move(message));
    calls.push_back([on_end = std::move(waiting.callbacks.on_end), end] { on_end(end); });
    at = waiting_.erase(at);
  }
}

BootTime ClientState::NextLookLocked(const Now& now) const {
  BootTime next = BootTime::InfiniteFuture();
  for (const auto& [ticket, waiting] : waiting_) {
    next = std::min({next, waiting.ask_again_at, UnansweredAt(waiting, now)});
  }
  return next;
}

void ClientState::GiveUpOrTell(const absl::Status& why) {
  Calls calls;
  {
    MutexLock lock(mutex_);
    if (stopping_) return;
    const Now now = clock_.Read();
    for (auto at = waiting_.begin(); at != waiting_.end();) {
      Waiting& waiting = at->second;
      absl::Status end;
      if (DeadlineOf(waiting.request) <= now.wall) {
        end = absl::DeadlineExceededError(why.message());
      } else if (now.boot - waiting.away_since >= options_.broker_timeout ||
                 (!waiting.sent && WontPass(why, now.boot - waiting.away_since))) {
        end = absl::UnavailableError(why.message());
      }
      if (end.ok()) {
        if (waiting.callbacks.on_away) {
          calls.push_back([tell = waiting.callbacks.on_away, why] { tell(why); });
        }
        ++at;
      } else {
        calls.push_back([on_end = std::move(waiting.callbacks.on_end), end] { on_end(end); });
        at = waiting_.erase(at);
      }
    }
  }
  for (const auto& call : calls) call();
}

}  // namespace zbroker::broker
