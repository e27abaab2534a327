#include "daemon/rpc/session.h"

#include <utility>
#include <variant>

#include "client/base/log.h"
#include "client/base/status.h"
#include "client/base/text.h"
#include "daemon/rpc/release.h"
#include "daemon/rpc/translate.h"

namespace zbroker::rpc {

Session::Session(grpc::CallbackServerContext* context, absl::StatusOr<core::Client> client,
                 engine::Engine& engine, const EndedLeases& ended, const Clock& clock)
    : engine_(engine),
      clock_(clock),
      outbox_(std::make_shared<Outbox>(this, context, ended, clock)) {
  if (!client.ok()) {
    End(client.status());
    return;
  }
  client_ = *std::move(client);
  outbox_->SetClient(client_);
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
  // The batch may be long, and others' too. From here on the next reaction may run beside this one.
  StartRead(&request_);
  engine_.Run();
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
      return engine_.Put(
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
  return engine_.Put(std::move(command));
}

void Session::TakeAcquire(const v1::Acquire& acquire) {
  auto command = ToCommand(acquire, client_, clock_.Read());
  absl::Status status = command.status();
  if (command.ok()) status = engine_.Put(*std::move(command));
  if (status.ok()) return;
  // Echo the ticket, if it can be: it is the client's only handle.
  const std::string ticket = CheckName("", acquire.ticket()).ok() ? acquire.ticket() : "";
  outbox_->Put(core::Refused{.ticket = ticket, .status = status});
}

void Session::TakeRelease(const v1::ReleaseRequest& release) {
  const absl::Status status = engine_.Put(rpc::TakeRelease(release, client_, clock_.Read()));
  if (!status.ok()) outbox_->Put(core::Failed{release.lease_id(), status});
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
