#ifndef ZBROKER_DAEMON_RPC_LEDGER_SERVICE_H_
#define ZBROKER_DAEMON_RPC_LEDGER_SERVICE_H_

#include <atomic>
#include <functional>
#include <string>

#include "absl/time/time.h"
#include "client/base/mutex.h"
#include "daemon/engine/engine.h"
#include "daemon/rpc/peers.h"
#include "zbroker/v1/admin.pb.h"
#include "zbroker/v1/ledger.grpc.pb.h"

namespace zbroker::rpc {

// What status says of the daemon itself. Thread-safe.
class DaemonFacts {
 public:
  struct Fixed {
    absl::Time started;
    std::string socket;
    std::string state_dir;
    bool in_container = false;
  };
  explicit DaemonFacts(Fixed fixed) : fixed_(std::move(fixed)) {}

  // The configuration that is in force. Takes the error back.
  void SetConfig(v1::ConfigReport config);
  // Why a newer one is not.
  void SetConfigError(std::string error);
  v1::ConfigReport config() const;
  void Fill(v1::DaemonStatus* out) const;

 private:
  const Fixed fixed_;
  mutable Mutex mutex_;
  v1::ConfigReport config_ ABSL_GUARDED_BY(mutex_);
  std::string config_error_ ABSL_GUARDED_BY(mutex_);
};

class LedgerService final : public v1::Ledger::CallbackService {
 public:
  // Long queries that run at once.
  static constexpr int kQueriesMax = 4;

  LedgerService(engine::Engine& engine, const Peers& peers, const DaemonFacts& facts,
                std::string ledger_path)
      : engine_(engine), peers_(peers), facts_(facts), ledger_path_(std::move(ledger_path)) {}

  grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* context,
                                      const v1::GetStatusRequest* request,
                                      v1::Status* reply) override;
  grpc::ServerWriteReactor<v1::Status>* WatchStatus(grpc::CallbackServerContext* context,
                                                    const v1::WatchStatusRequest* request) override;
  grpc::ServerUnaryReactor* ListLeases(grpc::CallbackServerContext* context,
                                       const v1::ListLeasesRequest* request,
                                       v1::LeaseList* reply) override;
  grpc::ServerUnaryReactor* ListWaiters(grpc::CallbackServerContext* context,
                                        const v1::ListWaitersRequest* request,
                                        v1::WaiterList* reply) override;
  grpc::ServerWriteReactor<v1::LedgerPage>* QueryLedger(
      grpc::CallbackServerContext* context, const v1::QueryLedgerRequest* request) override;

 private:
  // Answers a call from the next snapshot.
  grpc::ServerUnaryReactor* FromSnapshot(
      grpc::CallbackServerContext* context,
      std::function<absl::Status(const core::Snapshot&, const Now&, const core::Client&)> fill);

  engine::Engine& engine_;
  const Peers& peers_;
  const DaemonFacts& facts_;
  const std::string ledger_path_;
  std::atomic<int> queries_{0};
};

}  // namespace zbroker::rpc

#endif  // ZBROKER_DAEMON_RPC_LEDGER_SERVICE_H_
