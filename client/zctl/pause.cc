#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/base/status.h"
#include "client/base/text.h"
#include "client/broker/control_client.h"
#include "client/zctl/block_view.h"
#include "client/zctl/commands.h"

namespace zbroker::zctl {

absl::Status Run(const PauseCommand& command, Console& console) {
  ZB_ASSIGN_OR_RETURN(const auto client, broker::ControlClient::Connect({}));
  ZB_ASSIGN_OR_RETURN(const v1::PauseReply reply, client->Pause(command.account));
  const std::string account =
      command.account.empty() ? "" : absl::StrCat(" --account ", EscapeControls(command.account));
  return console.Print(absl::StrCat(EscapeControls(reply.account()), ": paused until `zctl resume",
                                    account, "`; leases go on, waiters keep their places\n"));
}

absl::Status Run(const ResumeCommand& command, Console& console) {
  ZB_ASSIGN_OR_RETURN(const auto client, broker::ControlClient::Connect({}));
  v1::ResumeRequest request;
  request.set_account(command.account);
  request.set_end_breaker(command.end_breaker);
  ZB_ASSIGN_OR_RETURN(const v1::ResumeReply reply, client->Resume(request));
  return console.Print(RenderResumed(reply, absl::Now(), console.view()));
}

}  // namespace zbroker::zctl
