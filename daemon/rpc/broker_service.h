#ifndef ZBROKER_DAEMON_RPC_BROKER_SERVICE_H_
#define ZBROKER_DAEMON_RPC_BROKER_SERVICE_H_

#include <string>

#include "client/base/clock.h"
#include "daemon/engine/engine.h"
#include "daemon/rpc/ended_leases.h"
#include "daemon/rpc/peers.h"
#include "zbroker/v1/broker.grpc.pb.h"

namespace zbroker::rpc {

class BrokerService final : public v1::Broker::CallbackService {
 public:
  BrokerService(engine::Engine& engine, const Peers& peers, const std::string& ledger_path,
                const Clock& clock)
      : engine_(engine), peers_(peers), ended_(ledger_path), clock_(clock) {}

  grpc::ServerBidiReactor<v1::SessionRequest, v1::SessionReply>* Session(
      grpc::CallbackServerContext* context) override;
  grpc::ServerUnaryReactor* Acquire(grpc::CallbackServerContext* context,
                                    const v1::UnaryAcquireRequest* request,
                                    v1::UnaryAcquireReply* reply) override;
  grpc::ServerUnaryReactor* Renew(grpc::CallbackServerContext* context,
                                  const v1::RenewRequest* request, v1::RenewReply* reply) override;
  grpc::ServerUnaryReactor* Release(grpc::CallbackServerContext* context,
                                    const v1::ReleaseRequest* request,
                                    v1::ReleaseReply* reply) override;

 private:
  engine::Engine& engine_;
  const Peers& peers_;
  const EndedLeases ended_;
  const Clock& clock_;
};

}  // namespace zbroker::rpc

#endif  // ZBROKER_DAEMON_RPC_BROKER_SERVICE_H_
