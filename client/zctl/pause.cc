#include "absl/strings/str_cat.h"
#include "client/base/status.h"
#include "client/base/text.h"
#include "client/broker/control_client.h"
#include "client/zctl/commands.h"

namespace zbroker::zctl {

absl::Status Run(const PauseCommand& command, Console& console) {
  ZB_ASSIGN_OR_RETURN(const auto client, broker::ControlClient::Connect({}));
  ZB_ASSIGN_OR_RETURN(const v1::PauseReply reply, client->Pause(command.account));
  return console.Print(
      absl::StrCat(EscapeControls(reply.account()),
                   ": paused until `zctl resume`; leases go on, waiters keep their places\n"));
}

absl::Status Run(const ResumeCommand& command, Console& console) {
  ZB_ASSIGN_OR_RETURN(const auto client, broker::ControlClient::Connect({}));
  ZB_ASSIGN_OR_RETURN(const v1::ResumeReply reply, client->Resume(command.account));
  return console.Print(absl::StrCat(EscapeControls(reply.account()), ": granting again\n"));
}

}  // namespace zbroker::zctl
