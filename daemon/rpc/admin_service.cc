#include "daemon/rpc/admin_service.h"

#include <map>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "client/base/status.h"
#include "client/base/text.h"
#include "daemon/rpc/meter.h"
#include "daemon/rpc/translate.h"
#include "daemon/rpc/unary_call.h"

namespace zbroker::rpc {
namespace {

// An answer that is Done or Failed.
AnswerFunction WhenDone(std::function<void(const core::Done&)> fill) {
  return [fill = std::move(fill)](const core::Event& event) -> std::optional<absl::Status> {
    if (const auto* failed = std::get_if<core::Failed>(&event)) return failed->status;
    const auto* done = std::get_if<core::Done>(&event);
    if (done == nullptr) return std::nullopt;
    fill(*done);
    return absl::OkStatus();
  };
}

}  // namespace

absl::StatusOr<core::Client> AdminService::Admin(grpc::CallbackServerContext* context) const {
  ZB_ASSIGN_OR_RETURN(core::Client client, peers_.Find(context->peer()));
  if (!client.admin) {
    return absl::PermissionDeniedError(absl::StrCat(
        "user ", client.holder.uid, " may not do this: it is for root and the daemon's own user"));
  }
  return client;
}

grpc::ServerUnaryReactor* AdminService::SetLimit(grpc::CallbackServerContext* context,
                                                 const v1::SetLimitRequest* request,
                                                 v1::SetLimitReply* reply) {
  return StartUnaryCall(
      engine_, Admin(context),
      [&](const core::Client& client) -> absl::StatusOr<core::Command> {
        ZB_RETURN_IF_ERROR(CheckName("account", request->account()));
        ZB_RETURN_IF_ERROR(CheckName("model", request->model()));
        core::SetLimit command{client, request->account(), std::nullopt, request->model(),
                               request->dry_run()};
        if (!request->has_limit()) return command;
        if (request->limit() < 1 || request->limit() > core::SlotsConfig::kLargest) {
          return absl::InvalidArgumentError(absl::StrCat(
              "limit ", request->limit(), " is not from 1 to ", core::SlotsConfig::kLargest));
        }
        command.limit = static_cast<int>(request->limit());
        return command;
      },
      WhenDone([reply](const core::Done& done) {
        reply->set_account(done.account);
        reply->set_limit(static_cast<uint32_t>(done.slot_limit));
        reply->set_model(done.model);
      }));
}

grpc::ServerUnaryReactor* AdminService::Pause(grpc::CallbackServerContext* context,
                                              const v1::PauseRequest* request,
                                              v1::PauseReply* reply) {
  return StartUnaryCall(
      engine_, Admin(context),
      [&](const core::Client& client) -> absl::StatusOr<core::Command> {
        ZB_RETURN_IF_ERROR(CheckName("account", request->account()));
        core::SetPaused command{.client = client, .account = request->account(), .paused = true};
        ZB_ASSIGN_OR_RETURN(command.part, FromProto(request->part()));
        if (request->has_until()) {
          ZB_ASSIGN_OR_RETURN(const absl::Time until, FromProto("until", request->until()));
          command.until = clock_.Read().BootAt(until);
        }
        return command;
      },
      WhenDone([reply](const core::Done& done) { reply->set_account(done.account); }));
}

grpc::ServerUnaryReactor* AdminService::Resume(grpc::CallbackServerContext* context,
                                               const v1::ResumeRequest* request,
                                               v1::ResumeReply* reply) {
  return StartUnaryCall(
      engine_, Admin(context),
      [&](const core::Client& client) -> absl::StatusOr<core::Command> {
        ZB_RETURN_IF_ERROR(CheckName("account", request->account()));
        core::SetPaused command{.client = client,
                                .account = request->account(),
                                .paused = false,
                                .end_breaker = request->end_breaker()};
        ZB_ASSIGN_OR_RETURN(command.part, FromProto(request->part()));
        if (command.end_breaker && !command.part.whole()) {
          return absl::InvalidArgumentError("a breaker is the whole account's: name no part of it");
        }
        return command;
      },
      WhenDone([this, reply](const core::Done& done) {
        const Now now = clock_.Read();
        reply->set_account(done.account);
        for (const core::Block& block : done.ended) *reply->add_ended() = ToProto(block, now);
        for (const core::Block& block : done.standing) *reply->add_standing() = ToProto(block, now);
        for (const core::Pause& pause : done.resumed) *reply->add_resumed() = ToProto(pause, now);
      }));
}

grpc::ServerUnaryReactor* AdminService::RevokeLease(grpc::CallbackServerContext* context,
                                                    const v1::RevokeLeaseRequest* request,
                                                    v1::RevokeLeaseReply*) {
  return StartUnaryCall(
      engine_, peers_.Find(context->peer()),
      [&](const core::Client& client) {
        return core::Revoke{client, request->lease_id()};
      },
      WhenDone([](const core::Done&) {}));
}

grpc::ServerUnaryReactor* AdminService::ReportMeter(grpc::CallbackServerContext* context,
                                                    const v1::ReportMeterRequest* request,
                                                    v1::ReportMeterReply* reply) {
  return StartUnaryCall(
      engine_, Admin(context),
      [&](const core::Client& client) -> absl::StatusOr<core::Command> {
        ZB_ASSIGN_OR_RETURN(core::ReportMeter command, ToCommand(*request, client, clock_.Read()));
        return core::Command(std::move(command));
      },
      WhenDone([this, reply](const core::Done& done) {
        const Now now = clock_.Read();
        reply->set_account(done.account);
        for (const core::Block& block : done.ended) *reply->add_ended() = ToProto(block, now);
      }));
}

grpc::ServerUnaryReactor* AdminService::Reload(grpc::CallbackServerContext* context,
                                               const v1::ReloadRequest* request,
                                               v1::ReloadReply* reply) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const auto finish = [reactor](const absl::Status& status) {
    reactor->Finish(ToRpcStatus<grpc::Status>(status));
    return reactor;
  };
  if (const auto admin = Admin(context); !admin.ok()) return finish(admin.status());
  if (request->check()) {
    const auto read = check_reload_();
    if (read.ok()) {
      reply->set_config_file(read->config_file());
      *reply->mutable_changes() = ChangesBetween(facts_.config(), *read);
    }
    return finish(read.status());
  }
  reload_([this, finish, reply, before = facts_.config()](const absl::Status& status) {
    const v1::ConfigReport config = facts_.config();
    reply->set_config_file(config.config_file());
    if (status.ok()) *reply->mutable_changes() = ChangesBetween(before, config);
    finish(status);
  });
  return reactor;
}

grpc::ServerUnaryReactor* AdminService::GetConfig(grpc::CallbackServerContext* context,
                                                  const v1::GetConfigRequest*,
                                                  v1::ConfigReport* reply) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const auto admin = Admin(context);
  if (admin.ok()) *reply = facts_.config();
  reactor->Finish(ToRpcStatus<grpc::Status>(admin.status()));
  return reactor;
}

google::protobuf::RepeatedPtrField<v1::SettingChange> ChangesBetween(
    const v1::ConfigReport& before, const v1::ConfigReport& after) {
  std::map<absl::string_view, absl::string_view> old;
  for (const v1::Setting& one : before.settings()) old.emplace(one.key(), one.value());
  google::protobuf::RepeatedPtrField<v1::SettingChange> changes;
  for (const v1::Setting& one : after.settings()) {
    const auto was = old.find(one.key());
    const bool is_new = was == old.end();
    if (is_new || was->second != one.value()) {
      v1::SettingChange& change = *changes.Add();
      change.set_key(one.key());
      if (!is_new) change.set_before(std::string(was->second));
      change.set_after(one.value());
    }
    if (!is_new) old.erase(was);
  }
  for (const v1::Setting& one : before.settings()) {
    if (old.count(one.key()) == 0) continue;
    v1::SettingChange& change = *changes.Add();
    change.set_key(one.key());
    change.set_before(one.value());
  }
  return changes;
}

}  // namespace zbroker::rpc
