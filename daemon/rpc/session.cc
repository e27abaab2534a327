#include "daemon/rpc/session.h"

#include <utility>
#include <variant>

#include "client/base/log.h"
#include "client/base/status.h"
#include "client/base/text.h"
#include "daemon/rpc/translate.h"

namespace zbroker::rpc {

class Session::Outbox final : public engine::EventSink {
 public:
  Outbox(Session* session, grpc::CallbackServerContext* context, const Clock& clock)
      : clock_(clock), session_(session), context_(context) {}

  void OnEvent(const core::Event& event) override {
    if (auto reply = ToSessionReply(event, clock_.Read())) Push(*std::move(reply));
  }

  void Push(v1::SessionReply reply) {
    MutexLock lock(mutex_);
    if (session_ == nullptr || overflowed_) return;
    if (replies_.size() >= kOutboxMax) {
      overflowed_ = true;
      LogWarning("cutting off a client that does not read its replies");
      context_->TryCancel();
      return;
    }
    replies_.push_back(std::move(reply));
    if (replies_.size() == 1) session_->StartWrite(&replies_.front());
  }

  void Written(bool ok) {
    MutexLock lock(mutex_);
    replies_.pop_front();
    if (ok && session_ != nullptr && !replies_.empty()) session_->StartWrite(&replies_.front());
  }

  // No write is started after this.
  void Detach() {
    MutexLock lock(mutex_);
    session_ = nullptr;
  }

 private:
  const Clock& clock_;
  Mutex mutex_;
  Session* session_ ABSL_GUARDED_BY(mutex_);
  grpc::CallbackServerContext* const context_;
  std::deque<v1::SessionReply> replies_ ABSL_GUARDED_BY(mutex_);  // the first is being written
  bool overflowed_ ABSL_GUARDED_BY(mutex_) = false;
};

Session::Session(grpc::CallbackServerContext* context, absl::StatusOr<core::Client> client,
                 engine::Engine& engine, const Clock& clock)
    : engine_(engine), clock_(clock), outbox_(std::make_shared<Outbox>(this, context, clock)) {
  if (!client.ok()) {
    End(client.status());
    return;
  }
  client_ = *std::move(client);
  client_.stream = engine_.OpenStream(outbox_);
  {
    MutexLock lock(mutex_);
    stream_open_ = true;
  }
  StartRead(&request_);
}

void Session::OnReadDone(bool ok) {
  if (!ok) {
    // The client half-closed, or is gone. Either way its leases have lost their stream.
    CloseStream();
    End(absl::OkStatus());
    return;
  }
  if (absl::Status status = Take(request_); !status.ok()) {
    CloseStream();
    End(status);
    return;
  }
  StartRead(&request_);
}

void Session::OnWriteDone(bool ok) { outbox_->Written(ok); }

void Session::OnCancel() {
  CloseStream();
  End(absl::CancelledError("the stream was cancelled"));
}

void Session::OnDone() {
  CloseStream();
  outbox_->Detach();
  delete this;
}

absl::Status Session::Take(const v1::SessionRequest& request) {
  if (greeted_ != !request.has_hello()) {
    return absl::FailedPreconditionError("a session begins with one hello");
  }
  switch (request.request_case()) {
    case v1::SessionRequest::kHello:
      return TakeHello(request.hello());
    case v1::SessionRequest::kAcquire:
      TakeAcquire(request.acquire());
      return absl::OkStatus();
    case v1::SessionRequest::kRelease:
      TakeRelease(request.release());
      return absl::OkStatus();
    case v1::SessionRequest::kCancel:
      return engine_.Post(
          core::Cancel{client_, request.cancel().ticket(), request.cancel().keep_place()});
    case v1::SessionRequest::REQUEST_NOT_SET:
      return absl::InvalidArgumentError("a request without content");
  }
  return absl::OkStatus();
}

absl::Status Session::TakeHello(const v1::Hello& hello) {
  greeted_ = true;
  ZB_RETURN_IF_ERROR(CheckName("client_name", hello.client_name()));
  if (!hello.client_name().empty()) client_.holder.program = hello.client_name();
  ZB_ASSIGN_OR_RETURN(core::Hello command, ToCommand(hello, client_));
  return engine_.Post(std::move(command));
}

void Session::TakeAcquire(const v1::Acquire& acquire) {
  auto command = ToCommand(acquire, client_, clock_.Read());
  absl::Status status = command.status();
  if (command.ok()) status = engine_.Post(*std::move(command));
  if (status.ok()) return;
  // Echo the ticket, if it can be: it is the client's only handle.
  const std::string ticket = CheckName("", acquire.ticket()).ok() ? acquire.ticket() : "";
  outbox_->OnEvent(core::Refused{.ticket = ticket, .status = status});
}

void Session::TakeRelease(const v1::ReleaseRequest& release) {
  auto command = ToCommand(release, client_, clock_.Read());
  absl::Status status = command.status();
  if (command.ok()) status = engine_.Post(*std::move(command));
  if (!status.ok()) outbox_->OnEvent(core::Failed{release.lease_id(), status});
}

void Session::CloseStream() {
  {
    MutexLock lock(mutex_);
    if (!std::exchange(stream_open_, false)) return;
  }
  engine_.CloseStream(client_.stream);
}

void Session::End(const absl::Status& status) {
  {
    MutexLock lock(mutex_);
    if (std::exchange(ended_, true)) return;
  }
  // A write after Finish would be a misuse of gRPC.
  outbox_->Detach();
  Finish(ToRpcStatus<grpc::Status>(status));
}

}  // namespace zbroker::rpc
