#include "tests/bench/lease_loop.h"

#include <utility>

#include "client/base/status.h"

namespace zbroker::bench {

void LeaseTimes::Add(const LeaseTimes& other) {
  acquire.Add(other.acquire);
  release.Add(other.release);
  pair.Add(other.pair);
}

absl::StatusOr<std::unique_ptr<LeaseLoop>> LeaseLoop::Open(const std::string& socket,
                                                           v1::Kind kind) {
  auto loop = std::unique_ptr<LeaseLoop>(new LeaseLoop(kind));
  ZB_ASSIGN_OR_RETURN(loop->stream_,
                      Stream::Open(socket, [raw = loop.get()](const v1::SessionReply& reply) {
                        raw->OnReply(reply);
                      }));
  return loop;
}

void LeaseLoop::Start(int64_t pairs) {
  {
    MutexLock lock(mutex_);
    running_ = true;
    status_ = absl::OkStatus();
  }
  stopping_ = false;
  left_ = pairs;
  Acquire();
}

absl::StatusOr<LeaseTimes> LeaseLoop::Wait() {
  MutexLock lock(mutex_);
  while (running_) {
    if (!changed_.WaitFor(mutex_, kPatience)) {
      return absl::DeadlineExceededError("no answer to acquire or release");
    }
  }
  if (!status_.ok()) return status_;
  return std::exchange(times_, {});
}

absl::StatusOr<LeaseTimes> LeaseLoop::Run(int64_t pairs) {
  Start(pairs);
  return Wait();
}

void LeaseLoop::Acquire() {
  v1::SessionRequest request;
  v1::Acquire& acquire = *request.mutable_acquire();
  acquire.set_ticket(tickets_.Next());
  acquire.set_model("glm-4.7");
  acquire.set_kind(kind_);
  acquire_sent_ = ReadClock();
  stream_->Send(std::move(request));
}

void LeaseLoop::OnReply(const v1::SessionReply& reply) {
  switch (reply.reply_case()) {
    case v1::SessionReply::kGranted:
      return OnGranted(reply.granted());
    case v1::SessionReply::kReleased:
      return OnReleased();
    case v1::SessionReply::kRefused:
      return End(absl::Status(static_cast<absl::StatusCode>(reply.refused().code()),
                              reply.refused().message()));
    case v1::SessionReply::kFailed:
      return End(absl::Status(static_cast<absl::StatusCode>(reply.failed().code()),
                              reply.failed().message()));
    default:
      return;
  }
}

void LeaseLoop::OnGranted(const v1::Granted& granted) {
  const Instant now = ReadClock();
  times_.acquire.Add(Between(acquire_sent_, now));
  v1::SessionRequest request;
  v1::ReleaseRequest& release = *request.mutable_release();
  release.set_lease_id(granted.lease_id());
  release.set_outcome(v1::OUTCOME_OK);
  release_sent_ = ReadClock();
  stream_->Send(std::move(request));
}

void LeaseLoop::OnReleased() {
  const Instant now = ReadClock();
  times_.release.Add(Between(release_sent_, now));
  times_.pair.Add(Between(acquire_sent_, now));
  if (--left_ <= 0 || stopping_) return End(absl::OkStatus());
  Acquire();
}

void LeaseLoop::End(const absl::Status& status) {
  MutexLock lock(mutex_);
  running_ = false;
  status_ = status;
  changed_.SignalAll();
}

absl::StatusOr<std::vector<std::unique_ptr<LeaseLoop>>> OpenLoops(const std::string& socket,
                                                                  v1::Kind kind, int count) {
  std::vector<std::unique_ptr<LeaseLoop>> loops;
  for (int i = 0; i < count; ++i) {
    ZB_ASSIGN_OR_RETURN(auto loop, LeaseLoop::Open(socket, kind));
    loops.push_back(std::move(loop));
  }
  return loops;
}

}  // namespace zbroker::bench
