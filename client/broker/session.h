// The client's end of a Session stream. Internal to this folder: it shows gRPC.
#ifndef ZBROKER_CLIENT_BROKER_SESSION_H_
#define ZBROKER_CLIENT_BROKER_SESSION_H_

#include <grpcpp/grpcpp.h>

#include <deque>
#include <memory>

#include "absl/status/status.h"
#include "client/base/mutex.h"
#include "client/broker/transport.h"
#include "zbroker/v1/broker.grpc.pb.h"

namespace zbroker::broker {

// Thread-safe. Must not be destroyed on one of gRPC's threads, that is, in a callback: with its
// last channel gRPC joins the threads that run the callbacks.
class Session final : public Stream,
                      public grpc::ClientBidiReactor<v1::SessionRequest, v1::SessionReply> {
 public:
  static std::unique_ptr<Session> Start(std::shared_ptr<grpc::Channel> channel,
                                        Callbacks callbacks);
  ~Session() override;

  void Send(v1::SessionRequest request) override;
  void Cancel() override { context_.TryCancel(); }

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnDone(const grpc::Status& status) override;

 private:
  Session(std::shared_ptr<grpc::Channel> channel, Callbacks callbacks)
      : channel_(std::move(channel)),
        stub_(v1::Broker::NewStub(channel_)),
        callbacks_(std::move(callbacks)) {}

  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<v1::Broker::Stub> stub_;
  const Callbacks callbacks_;
  grpc::ClientContext context_;
  v1::SessionReply reply_;

  Mutex mutex_;
  std::deque<v1::SessionRequest> outbox_ ABSL_GUARDED_BY(mutex_);  // the first is being written
  bool broken_ ABSL_GUARDED_BY(mutex_) = false;
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
  CondVar done_changed_;
};

}  // namespace zbroker::broker

#endif  // ZBROKER_CLIENT_BROKER_SESSION_H_
