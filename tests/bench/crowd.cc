#include "tests/bench/crowd.h"

#include <utility>

#include "client/base/status.h"

namespace zbroker::bench {

absl::StatusOr<std::unique_ptr<Crowd>> Crowd::Open(const std::string& socket, size_t streams) {
  auto crowd = std::unique_ptr<Crowd>(new Crowd);
  for (size_t i = 0; i < streams; ++i) {
    ZB_ASSIGN_OR_RETURN(auto stream,
                        Stream::Open(socket, [raw = crowd.get(), i](const v1::SessionReply& reply) {
                          raw->OnReply(i, reply);
                        }));
    crowd->streams_.push_back(std::move(stream));
  }
  return crowd;
}

void Crowd::Acquire(size_t stream) {
  const std::string ticket = tickets_.Next();
  {
    MutexLock lock(mutex_);
    unanswered_.insert(ticket);
  }
  v1::SessionRequest request;
  v1::Acquire& acquire = *request.mutable_acquire();
  acquire.set_ticket(ticket);
  acquire.set_model("glm-4.7");
  acquire.set_kind(v1::KIND_CALL);
  streams_[stream]->Send(std::move(request));
}

void Crowd::Release(const Grant& grant) {
  v1::SessionRequest request;
  request.mutable_release()->set_lease_id(grant.lease_id);
  request.mutable_release()->set_outcome(v1::OUTCOME_OK);
  streams_[grant.stream]->Send(std::move(request));
}

absl::Status Crowd::AwaitAnswers() {
  MutexLock lock(mutex_);
  while (!unanswered_.empty()) ZB_RETURN_IF_ERROR(WaitForChange());
  return absl::OkStatus();
}

absl::StatusOr<Crowd::Grant> Crowd::NextGrant() {
  MutexLock lock(mutex_);
  while (grants_.empty()) ZB_RETURN_IF_ERROR(WaitForChange());
  const Grant grant = grants_.front();
  grants_.pop_front();
  return grant;
}

absl::Status Crowd::WaitForChange() {
  if (!status_.ok()) return status_;
  if (!changed_.WaitFor(mutex_, kPatience)) {
    return absl::DeadlineExceededError("the broker does not answer");
  }
  return status_;
}

void Crowd::OnReply(size_t stream, const v1::SessionReply& reply) {
  const Instant now = ReadClock();
  MutexLock lock(mutex_);
  if (reply.has_queued()) {
    unanswered_.erase(reply.queued().ticket());
  } else if (reply.has_granted()) {
    unanswered_.erase(reply.granted().ticket());
    grants_.push_back({stream, reply.granted().lease_id(), now});
  } else if (reply.has_refused()) {
    status_ = absl::Status(static_cast<absl::StatusCode>(reply.refused().code()),
                           reply.refused().message());
  } else {
    return;
  }
  changed_.SignalAll();
}

}  // namespace zbroker::bench
