#include "daemon/rpc/broker_service.h"

#include <utility>
#include <variant>

#include "client/base/status.h"
#include "daemon/rpc/release.h"
#include "daemon/rpc/session.h"
#include "daemon/rpc/translate.h"
#include "daemon/rpc/unary_call.h"

namespace zbroker::rpc {

grpc::ServerBidiReactor<v1::SessionRequest, v1::SessionReply>* BrokerService::Session(
    grpc::CallbackServerContext* context) {
  return new rpc::Session(context, peers_.Find(context->peer()), engine_, ended_, clock_);
}

grpc::ServerUnaryReactor* BrokerService::Acquire(grpc::CallbackServerContext* context,
                                                 const v1::UnaryAcquireRequest* request,
                                                 v1::UnaryAcquireReply* reply) {
  return StartUnaryCall(
      engine_, peers_.Find(context->peer()),
      [&](const core::Client& client) -> absl::StatusOr<core::Command> {
        ZB_ASSIGN_OR_RETURN(core::Acquire command, ToCommand(*request, client, clock_.Read()));
        return command;
      },
      [this, reply](const core::Event& event) -> std::optional<absl::Status> {
        if (const auto* refused = std::get_if<core::Refused>(&event)) {
          return RefusalOf(*refused, clock_.Read());
        }
        const auto* granted = std::get_if<core::Granted>(&event);
        if (granted == nullptr) return std::nullopt;
        reply->set_lease_id(granted->lease);
        reply->set_account(granted->account);
        *reply->mutable_waited() = ToProto(granted->waited);
        reply->set_shadow(granted->shadow);
        *reply->mutable_expires() = ToProto(clock_.Read().WallAt(granted->until));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* BrokerService::Renew(grpc::CallbackServerContext* context,
                                               const v1::RenewRequest* request,
                                               v1::RenewReply* reply) {
  return StartUnaryCall(
      engine_, peers_.Find(context->peer()),
      [&](const core::Client& client) {
        return core::Renew{client, request->lease_id()};
      },
      [this, reply](const core::Event& event) -> std::optional<absl::Status> {
        if (const auto* failed = std::get_if<core::Failed>(&event)) return failed->status;
        const auto* renewed = std::get_if<core::Renewed>(&event);
        if (renewed == nullptr) return std::nullopt;
        *reply->mutable_expires() = ToProto(clock_.Read().WallAt(renewed->until));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* BrokerService::Release(grpc::CallbackServerContext* context,
                                                 const v1::ReleaseRequest* request,
                                                 v1::ReleaseReply* reply) {
  return StartUnaryCall(
      engine_, peers_.Find(context->peer()),
      [&](const core::Client& client) { return TakeRelease(*request, client, clock_.Read()); },
      [this, reply, client = peers_.Find(context->peer()).value_or(core::Client())](
          const core::Event& said) -> std::optional<absl::Status> {
        const core::Event event = ended_.Complete(said, client);
        if (const auto* failed = std::get_if<core::Failed>(&event)) return failed->status;
        const auto* released = std::get_if<core::Released>(&event);
        if (released == nullptr) return std::nullopt;
        *reply = ToProto(*released);
        return absl::OkStatus();
      });
}

}  // namespace zbroker::rpc
