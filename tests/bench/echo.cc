#include "tests/bench/echo.h"

#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <utility>

#include "client/base/status.h"
#include "client/base/unix_socket.h"
#include "daemon/rpc/listener.h"
#include "daemon/rpc/peers.h"
#include "tests/bench/stream.h"
#include "zbroker/v1/broker.grpc.pb.h"

namespace zbroker::bench {
namespace {

void Answer(const v1::SessionRequest& request, v1::SessionReply& reply) {
  static std::atomic<uint64_t> last_lease = 0;
  switch (request.request_case()) {
    case v1::SessionRequest::kAcquire: {
      v1::Granted& granted = *reply.mutable_granted();
      granted.set_ticket(request.acquire().ticket());
      granted.set_lease_id(++last_lease);
      granted.set_account("default");
      granted.mutable_waited()->set_nanos(1000);
      return;
    }
    case v1::SessionRequest::kRelease:
      reply.mutable_released()->set_lease_id(request.release().lease_id());
      reply.mutable_released()->set_outcome(request.release().outcome());
      return;
    default:
      reply.mutable_welcome()->set_daemon_version("echo");
  }
}

// One answer for each request, one after the other. Deletes itself when gRPC is done with it.
class EchoStream final : public grpc::ServerBidiReactor<v1::SessionRequest, v1::SessionReply> {
 public:
  EchoStream() { StartRead(&request_); }

  void OnReadDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::OK);
    Answer(request_, reply_);
    StartWrite(&reply_);
  }
  void OnWriteDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::CANCELLED);
    StartRead(&request_);
  }
  void OnDone() override { delete this; }

 private:
  v1::SessionRequest request_;
  v1::SessionReply reply_;
};

class EchoService final : public v1::Broker::CallbackService {
 public:
  grpc::ServerBidiReactor<v1::SessionRequest, v1::SessionReply>* Session(
      grpc::CallbackServerContext*) override {
    return new EchoStream;
  }
  grpc::ServerUnaryReactor* Renew(grpc::CallbackServerContext* context, const v1::RenewRequest*,
                                  v1::RenewReply* reply) override {
    reply->mutable_expires()->set_seconds(1);
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

}  // namespace

absl::Status ServeEcho(const std::string& socket) {
  ZB_ASSIGN_OR_RETURN(Fd listening, ListenUnix(socket, 0600));
  EchoService service;
  grpc::ServerBuilder builder;
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return absl::InternalError("gRPC does not start");
  rpc::Peers peers;
  const rpc::Listener listener(std::move(listening), *server, peers);
  puts("serving");
  fflush(stdout);
  for (;;) pause();
}

absl::StatusOr<Child> StartEcho(const Settings& settings, const std::string& socket) {
  ZB_ASSIGN_OR_RETURN(
      Child child,
      Child::Start({.arguments = {settings.executable, "--child", "echo", "--socket", socket}}));
  ZB_RETURN_IF_ERROR(child.ReadLine(kPatience).status());
  return child;
}

}  // namespace zbroker::bench
