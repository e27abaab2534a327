#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/base/proto_time.h"
#include "client/base/status.h"
#include "client/base/text.h"
#include "client/broker/control_client.h"
#include "client/zctl/commands.h"
#include "client/zctl/pause_view.h"

namespace zbroker::zctl {

absl::Status Run(const PauseCommand& command, Console& console) {
  ZB_ASSIGN_OR_RETURN(const auto client, broker::ControlClient::Connect({}));
  v1::PauseRequest request;
  request.set_account(command.account);
  *request.mutable_part() = command.part;
  if (command.until) SetProtoTime(*command.until, request.mutable_until());
  ZB_ASSIGN_OR_RETURN(const v1::PauseReply reply, client->Pause(request));
  if (command.json) return console.PrintJson(reply);
  return console.Print(RenderPaused(command, reply, absl::Now(), console.view()));
}

absl::Status Run(const ResumeCommand& command, Console& console) {
  ZB_ASSIGN_OR_RETURN(const auto client, broker::ControlClient::Connect({}));
  v1::ResumeRequest request;
  request.set_account(command.account);
  request.set_end_breaker(command.end_breaker);
  *request.mutable_part() = command.part;
  ZB_ASSIGN_OR_RETURN(const v1::ResumeReply reply, client->Resume(request));
  if (command.json) return console.PrintJson(reply);
  return console.Print(RenderResumed(command, reply, absl::Now(), console.view()));
}

}  // namespace zbroker::zctl
