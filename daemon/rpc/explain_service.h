#ifndef ZBROKER_DAEMON_RPC_EXPLAIN_SERVICE_H_
#define ZBROKER_DAEMON_RPC_EXPLAIN_SERVICE_H_

#include <string>
#include <utility>

#include "daemon/engine/engine.h"
#include "daemon/rpc/peers.h"
#include "zbroker/v1/explain.grpc.pb.h"

namespace zbroker::rpc {

class ExplainService final : public v1::Explain::CallbackService {
 public:
  ExplainService(engine::Engine& engine, const Peers& peers, std::string ledger_path)
      : engine_(engine), peers_(peers), ledger_path_(std::move(ledger_path)) {}

  grpc::ServerUnaryReactor* Explain(grpc::CallbackServerContext* context,
                                    const v1::ExplainRequest* request,
                                    v1::Explanation* reply) override;

 private:
  absl::Status Fill(const core::Question& question,
                    const absl::StatusOr<core::Explanation>& explanation, const Now& now,
                    const core::Client& viewer, v1::Explanation* reply) const;

  engine::Engine& engine_;
  const Peers& peers_;
  const std::string ledger_path_;
};

}  // namespace zbroker::rpc

#endif  // ZBROKER_DAEMON_RPC_EXPLAIN_SERVICE_H_
