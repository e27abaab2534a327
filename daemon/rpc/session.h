// One client's Session stream.
#ifndef ZBROKER_DAEMON_RPC_SESSION_H_
#define ZBROKER_DAEMON_RPC_SESSION_H_

#include <grpcpp/grpcpp.h>

#include <memory>

#include "client/base/clock.h"
#include "client/base/mutex.h"
#include "daemon/engine/engine.h"
#include "daemon/rpc/ended_leases.h"
#include "daemon/rpc/outbox.h"
#include "zbroker/v1/broker.pb.h"

namespace zbroker::rpc {

// Reads requests and posts them; writes the engine's events as they come. gRPC's reactions and
// whoever has the engine's turn meet in the outbox. Deletes itself when gRPC is done with it.
class Session final : public grpc::ServerBidiReactor<v1::SessionRequest, v1::SessionReply> {
 public:
  Session(grpc::CallbackServerContext* context, absl::StatusOr<core::Client> client,
          engine::Engine& engine, const EndedLeases& ended, const Clock& clock);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  // What it returns ends the stream. Puts the command into the engine's queue and runs no batch.
  absl::Status Take(const v1::SessionRequest& request);
  absl::Status TakeHello(const v1::Hello& hello);
  void TakeAcquire(const v1::Acquire& acquire);
  void TakeRelease(const v1::ReleaseRequest& release);
  // Ends the engine's side, once.
  void CloseStream();
  // Ends the call, once.
  void End(const absl::Status& status);

  engine::Engine& engine_;
  const Clock& clock_;
  std::shared_ptr<Outbox> outbox_;

  // Only in reactions that gRPC runs one after the other.
  v1::SessionRequest request_;
  core::Client client_;
  bool greeted_ = false;

  Mutex mutex_;
  bool stream_open_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace zbroker::rpc

#endif  // ZBROKER_DAEMON_RPC_SESSION_H_
