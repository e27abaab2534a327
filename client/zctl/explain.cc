#include "client/base/status.h"
#include "client/broker/control_client.h"
#include "client/zctl/commands.h"
#include "client/zctl/explain_view.h"

namespace zbroker::zctl {

absl::Status Run(const ExplainCommand& command, Console& console) {
  ZB_ASSIGN_OR_RETURN(const auto client, broker::ControlClient::Connect({}));
  ZB_ASSIGN_OR_RETURN(const v1::Explanation explanation,
                      client->Explain(command.account, command.what));
  if (command.json) return console.PrintJson(explanation);
  return console.Print(RenderExplanation(explanation, console.view()));
}

}  // namespace zbroker::zctl
