#include "client/base/status.h"
#include "client/broker/control_client.h"
#include "client/zctl/commands.h"
#include "client/zctl/waiter_view.h"

namespace zbroker::zctl {

absl::Status Run(const QueueCommand& command, Console& console) {
  ZB_ASSIGN_OR_RETURN(const auto client, broker::ControlClient::Connect({}));
  ZB_ASSIGN_OR_RETURN(const v1::WaiterList waiters, client->ListWaiters(command.account));
  if (command.json) return console.PrintJson(waiters);
  return console.Print(RenderWaiters(waiters, console.view()));
}

}  // namespace zbroker::zctl
