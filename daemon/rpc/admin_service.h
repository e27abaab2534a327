#ifndef ZBROKER_DAEMON_RPC_ADMIN_SERVICE_H_
#define ZBROKER_DAEMON_RPC_ADMIN_SERVICE_H_

#include <functional>
#include <string>

#include "daemon/engine/engine.h"
#include "daemon/rpc/ledger_service.h"
#include "daemon/rpc/peers.h"
#include "zbroker/v1/admin.grpc.pb.h"

namespace zbroker::rpc {

// Reads the configuration again and gives it to the engine; the callback says how that went.
using ReloadFunction = std::function<void(engine::Engine::StatusCallback done)>;

// Reads it, and gives it to nobody.
using CheckReloadFunction = std::function<absl::StatusOr<v1::ConfigReport>()>;

// In the order of `after`; then what is no more.
google::protobuf::RepeatedPtrField<v1::SettingChange> ChangesBetween(const v1::ConfigReport& before,
                                                                     const v1::ConfigReport& after);

class AdminService final : public v1::Admin::CallbackService {
 public:
  AdminService(engine::Engine& engine, const Peers& peers, const Clock& clock,
               const DaemonFacts& facts, ReloadFunction reload, CheckReloadFunction check_reload)
      : engine_(engine),
        peers_(peers),
        clock_(clock),
        facts_(facts),
        reload_(std::move(reload)),
        check_reload_(std::move(check_reload)) {}

  grpc::ServerUnaryReactor* SetLimit(grpc::CallbackServerContext* context,
                                     const v1::SetLimitRequest* request,
                                     v1::SetLimitReply* reply) override;
  grpc::ServerUnaryReactor* Pause(grpc::CallbackServerContext* context,
                                  const v1::PauseRequest* request, v1::PauseReply* reply) override;
  grpc::ServerUnaryReactor* Resume(grpc::CallbackServerContext* context,
                                   const v1::ResumeRequest* request,
                                   v1::ResumeReply* reply) override;
  grpc::ServerUnaryReactor* RevokeLease(grpc::CallbackServerContext* context,
                                        const v1::RevokeLeaseRequest* request,
                                        v1::RevokeLeaseReply* reply) override;
  grpc::ServerUnaryReactor* ReportMeter(grpc::CallbackServerContext* context,
                                        const v1::ReportMeterRequest* request,
                                        v1::ReportMeterReply* reply) override;
  grpc::ServerUnaryReactor* Reload(grpc::CallbackServerContext* context,
                                   const v1::ReloadRequest* request,
                                   v1::ReloadReply* reply) override;
  grpc::ServerUnaryReactor* GetConfig(grpc::CallbackServerContext* context,
                                      const v1::GetConfigRequest* request,
                                      v1::ConfigReport* reply) override;

 private:
  // The caller; PERMISSION_DENIED unless it may change the broker.
  absl::StatusOr<core::Client> Admin(grpc::CallbackServerContext* context) const;

  engine::Engine& engine_;
  const Peers& peers_;
  const Clock& clock_;
  const DaemonFacts& facts_;
  const ReloadFunction reload_;
  const CheckReloadFunction check_reload_;
};

}  // namespace zbroker::rpc

#endif  // ZBROKER_DAEMON_RPC_ADMIN_SERVICE_H_
