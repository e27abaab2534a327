#include "client/broker/session.h"

#include <utility>

#include "client/base/status.h"

namespace zbroker::broker {

std::unique_ptr<Session> Session::Start(std::shared_ptr<grpc::Channel> channel,
                                        Callbacks callbacks) {
  auto session = std::unique_ptr<Session>(new Session(std::move(channel), std::move(callbacks)));
  session->stub_->async()->Session(&session->context_, session.get());
  // Send() starts writes from outside of reactions; the hold keeps OnDone away until a read fails.
  session->AddHold();
  session->StartRead(&session->reply_);
  session->StartCall();
  return session;
}

Session::~Session() {
  context_.TryCancel();
  MutexLock lock(mutex_);
  while (!done_) done_changed_.Wait(mutex_);
}

void Session::Send(v1::SessionRequest request) {
  MutexLock lock(mutex_);
  if (broken_) return;
  outbox_.push_back(std::move(request));
  if (outbox_.size() == 1) StartWrite(&outbox_.front());
}

void Session::OnReadDone(bool ok) {
  if (ok) {
    callbacks_.on_reply(reply_);
    StartRead(&reply_);
    return;
  }
  {
    MutexLock lock(mutex_);
    broken_ = true;
  }
  RemoveHold();
}

void Session::OnWriteDone(bool ok) {
  MutexLock lock(mutex_);
  outbox_.pop_front();
  if (!ok) broken_ = true;
  if (!broken_ && !outbox_.empty()) StartWrite(&outbox_.front());
}

void Session::OnDone(const grpc::Status& status) {
  callbacks_.on_end(FromRpcStatus(status));
  MutexLock lock(mutex_);
  done_ = true;
  done_changed_.SignalAll();
}

}  // namespace zbroker::broker
