#include "absl/time/clock.h"
#include "client/base/proto_time.h"
#include "client/base/status.h"
#include "client/broker/control_client.h"
#include "client/zctl/carry_out.h"
#include "client/zctl/commands.h"
#include "client/zctl/pause_view.h"

namespace zbroker::zctl {
namespace {

absl::StatusOr<v1::PauseReply> Order(const PauseCommand& command, broker::ControlClient& client) {
  v1::PauseRequest request;
  request.set_account(command.account);
  *request.mutable_part() = command.part;
  if (command.until) SetProtoTime(*command.until, request.mutable_until());
  return client.Pause(request);
}

absl::StatusOr<v1::ResumeReply> Order(const ResumeCommand& command, broker::ControlClient& client) {
  v1::ResumeRequest request;
  request.set_account(command.account);
  request.set_end_breaker(command.end_breaker);
  *request.mutable_part() = command.part;
  return client.Resume(request);
}

}  // namespace

absl::StatusOr<std::string> CarryOut(const PauseCommand& command, broker::ControlClient& client,
                                     const ViewOptions& options) {
  ZB_ASSIGN_OR_RETURN(const v1::PauseReply reply, Order(command, client));
  return RenderPaused(command, reply, absl::Now(), options);
}

absl::StatusOr<std::string> CarryOut(const ResumeCommand& command, broker::ControlClient& client,
                                     const ViewOptions& options) {
  ZB_ASSIGN_OR_RETURN(const v1::ResumeReply reply, Order(command, client));
  return RenderResumed(command, reply, absl::Now(), options);
}

absl::Status Run(const PauseCommand& command, Console& console) {
  ZB_ASSIGN_OR_RETURN(const auto client, broker::ControlClient::Connect({}));
  ZB_ASSIGN_OR_RETURN(const v1::PauseReply reply, Order(command, *client));
  if (command.json) return console.PrintJson(reply);
  return console.Print(RenderPaused(command, reply, absl::Now(), console.view()));
}

absl::Status Run(const ResumeCommand& command, Console& console) {
  ZB_ASSIGN_OR_RETURN(const auto client, broker::ControlClient::Connect({}));
  ZB_ASSIGN_OR_RETURN(const v1::ResumeReply reply, Order(command, *client));
  if (command.json) return console.PrintJson(reply);
  return console.Print(RenderResumed(command, reply, absl::Now(), console.view()));
}

}  // namespace zbroker::zctl
