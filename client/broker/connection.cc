#include "client/broker/connection.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "client/broker/backoff.h"

namespace zbroker::broker {
namespace {

constexpr absl::Duration kPauseFirst = absl::Milliseconds(100);
constexpr absl::Duration kPauseLongest = absl::Seconds(1);
// For the last releases to be answered when the connection is closed.
constexpr absl::Duration kFarewell = absl::Seconds(1);
// For the stream to end then.
constexpr absl::Duration kWindUp = absl::Seconds(1);
constexpr BootTime kAwake = BootTime::FromMicros(std::numeric_limits<int64_t>::min());

// How many callbacks this thread is in, of whichever connections.
thread_local int callbacks_running = 0;

// REQUIRES: no lock is held.
void RunAndDestroy(Conversation::Calls calls) {
  ++callbacks_running;
  for (const auto& call : calls) call();
  calls.clear();
  --callbacks_running;
}

}  // namespace

Connection::Connection(const BrokerClient::Options& options, std::unique_ptr<Transport> transport)
    : clock_(*options.clock),
      transport_(std::move(transport)),
      conversation_({.client_name = options.client_name, .broker_timeout = options.broker_timeout},
                    [this](const v1::Granted& granted) { return MakeLease(granted); }),
      awake_at_(kAwake) {}

std::shared_ptr<ConnectionShare> Connection::Create(const BrokerClient::Options& options,
                                                    std::unique_ptr<Transport> transport) {
  const std::shared_ptr<Connection> connection(new Connection(options, std::move(transport)));
  auto share = std::make_shared<ConnectionShare>(connection);
  connection->share_ = share;
  return share;
}

Lease Connection::MakeLease(const v1::Granted& granted) {
  // There is a share: somebody waits for this grant, and closing is preceded by CancelAll().
  return Lease(share_.lock(), granted);
}

std::string Connection::StartAcquire(v1::Acquire request, BrokerClient::Callbacks callbacks) {
  MutexLock lock(mutex_);
  std::string ticket = conversation_.Ask(std::move(request), std::move(callbacks), clock_.Read());
  if (!thread_.joinable()) {
    thread_ = std::thread([self = shared_from_this()] { self->Run(); });
  }
  WakeLocked();
  return ticket;
}

void Connection::CancelAcquire(const std::string& ticket, bool keep_place) {
  Conversation::Calls calls;
  {
    MutexLock lock(mutex_);
    conversation_.Withdraw(ticket, keep_place, calls);
  }
  for (const auto& call : calls) call();
}

void Connection::CancelAll() {
  Conversation::Calls calls;
  {
    MutexLock lock(mutex_);
    conversation_.WithdrawAll(calls);
  }
  for (const auto& call : calls) call();
}

void Connection::StartRelease(uint64_t lease_id, v1::Outcome outcome,
                              const v1::ReleaseDetails& details, Lender::ReleaseCallback done) {
  Conversation::Calls calls;
  {
    MutexLock lock(mutex_);
    conversation_.Release(lease_id, outcome, details, std::move(done), calls);
    WakeLocked();
  }
}

void Connection::EndSeen(uint64_t lease_id) {
  MutexLock lock(mutex_);
  conversation_.EndSeen(lease_id);
}

void Connection::Close() {
  std::thread thread;
  bool ended = false;
  {
    MutexLock lock(mutex_);
    closing_ = true;
    const BootTime now = clock_.Read().boot;
    close_at_ = now + kFarewell;
    changed_.SignalAll();
    if (!thread_.joinable()) return;
    const BootTime until = close_at_ + kWindUp;
    for (BootTime at = now; callbacks_running == 0 && !ended_ && at < until;
         at = clock_.Read().boot) {
      ended_changed_.WaitFor(mutex_, until - at);
    }
    ended = ended_;
    thread = std::move(thread_);
  }
  if (ended) {
    thread.join();
  } else {
    thread.detach();
  }
}

void Connection::WakeLocked() {
  if (stream_ == nullptr || conversation_.next_look() < awake_at_) changed_.Signal();
}

void Connection::Run() {
  Backoff pause(kPauseFirst, kPauseLongest);
  while (WaitForWork()) {
    const BootTime begin = clock_.Read().boot;
    if (const absl::Status status = OpenStream(); status.ok()) {
      AttendStream();
    } else {
      FindNobody(status);
    }
    // A stream that lasted was a good one: the first pause after it is short.
    if (clock_.Read().boot - begin > pause.longest()) pause.Reset();
    Pause(pause.Next());
  }
  End();
}

bool Connection::WaitForWork() {
  MutexLock lock(mutex_);
  while (!closing_ && conversation_.idle()) changed_.Wait(mutex_);
  return !closing_;
}

absl::Status Connection::OpenStream() {
  {
    MutexLock lock(mutex_);
    stream_ended_ = false;
  }
  auto stream =
      transport_->Open({.on_reply = [this](const v1::SessionReply& reply) { OnReply(reply); },
                        .on_end = [this](const absl::Status& status) { OnStreamEnd(status); }},
                       [this] {
                         MutexLock lock(mutex_);
                         return closing_;
                       });
  if (!stream.ok()) return stream.status();
  MutexLock lock(mutex_);
  stream_ = *std::move(stream);
  conversation_.Greet(*stream_, clock_.Read());
  return absl::OkStatus();
}

void Connection::AttendStream() {
  for (bool cancelled = false;;) {
    Conversation::Calls calls;
    {
      MutexLock lock(mutex_);
      if (stream_ended_) break;
      const Now now = clock_.Read();
      BootTime next = BootTime::InfiniteFuture();
      if (closing_ && !cancelled) {
        cancelled = conversation_.releases_answered() || now.boot >= close_at_;
        if (cancelled) stream_->Cancel();
        next = close_at_;
      }
      if (conversation_.next_look() <= now.boot) conversation_.Attend(now, calls);
      next = std::min(next, conversation_.next_look());
      if (calls.empty()) {
        awake_at_ = next;
        if (next == BootTime::InfiniteFuture()) {
          changed_.Wait(mutex_);
        } else {
          changed_.WaitFor(mutex_, next - now.boot);
        }
        awake_at_ = kAwake;
      }
    }
    RunAndDestroy(std::move(calls));
  }
  Conversation::Calls calls;
  std::unique_ptr<Stream> ended;
  {
    MutexLock lock(mutex_);
    ended = std::move(stream_);
    conversation_.Part(
        stream_error_.ok() ? absl::UnavailableError("the daemon ended the session") : stream_error_,
        clock_.Read(), calls);
  }
  ended.reset();
  RunAndDestroy(std::move(calls));
}

void Connection::FindNobody(const absl::Status& why) {
  Conversation::Calls calls;
  {
    MutexLock lock(mutex_);
    if (closing_) return;
    conversation_.FindNobody(why, clock_.Read(), calls);
  }
  RunAndDestroy(std::move(calls));
}

void Connection::Pause(absl::Duration length) {
  MutexLock lock(mutex_);
  const BootTime until = clock_.Read().boot + length;
  for (;;) {
    const absl::Duration left = until - clock_.Read().boot;
    if (closing_ || left <= absl::ZeroDuration()) return;
    changed_.WaitFor(mutex_, left);
  }
}

void Connection::End() {
  Conversation::Calls left;
  {
    MutexLock lock(mutex_);
    conversation_.Forget(left);
  }
  // Not run: nobody is there to hear it.
  ++callbacks_running;
  left.clear();
  --callbacks_running;
  MutexLock lock(mutex_);
  ended_ = true;
  ended_changed_.SignalAll();
}

void Connection::OnReply(const v1::SessionReply& reply) {
  Conversation::Calls calls;
  {
    MutexLock lock(mutex_);
    conversation_.Hear(reply, clock_.Read(), calls);
    WakeLocked();
    if (closing_ && conversation_.releases_answered()) changed_.Signal();
  }
  RunAndDestroy(std::move(calls));
}

void Connection::OnStreamEnd(const absl::Status& status) {
  MutexLock lock(mutex_);
  stream_ended_ = true;
  stream_error_ = status;
  changed_.Signal();
}

}  // namespace zbroker::broker
