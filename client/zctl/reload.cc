#include "absl/strings/str_cat.h"
#include "client/base/status.h"
#include "client/base/text.h"
#include "client/broker/control_client.h"
#include "client/zctl/commands.h"
#include "client/zctl/config_view.h"

namespace zbroker::zctl {

absl::Status Run(const ReloadCommand& command, Console& console) {
  ZB_ASSIGN_OR_RETURN(const auto client, broker::ControlClient::Connect({}));
  ZB_ASSIGN_OR_RETURN(const v1::ReloadReply reply, client->Reload(command.check));
  if (command.json) return console.PrintJson(reply);
  if (command.check) return console.Print(RenderReloadCheck(reply));
  const std::string source =
      reply.config_file().empty() ? "built-in defaults" : EscapeControls(reply.config_file());
  return console.Print(absl::StrCat("configuration reloaded from ", source, "\n"));
}

}  // namespace zbroker::zctl
