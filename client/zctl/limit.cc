#include "absl/strings/str_cat.h"
#include "client/base/status.h"
#include "client/base/text.h"
#include "client/broker/control_client.h"
#include "client/zctl/commands.h"
#include "client/zctl/limit_view.h"

namespace zbroker::zctl {

absl::Status Run(const ShowLimitCommand& command, Console& console) {
  ZB_ASSIGN_OR_RETURN(const auto client, broker::ControlClient::Connect({}));
  ZB_ASSIGN_OR_RETURN(const v1::Status status, client->GetStatus(command.account));
  return console.Print(RenderLimits(status, console.view()));
}

absl::Status Run(const SetLimitCommand& command, Console& console) {
  v1::SetLimitRequest request;
  request.set_account(command.account);
  if (command.limit) request.set_limit(*command.limit);
  ZB_ASSIGN_OR_RETURN(const auto client, broker::ControlClient::Connect({}));
  ZB_ASSIGN_OR_RETURN(const v1::SetLimitReply reply, client->SetLimit(request));
  return console.Print(absl::StrCat(
      EscapeControls(reply.account()), ": limit ", reply.limit(),
      command.limit ? ", pinned until `zctl limit set auto`\n" : ", from configuration\n"));
}

}  // namespace zbroker::zctl
