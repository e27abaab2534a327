#include "client/base/status.h"
#include "client/broker/control_client.h"
#include "client/zctl/commands.h"
#include "client/zctl/lease_view.h"

namespace zbroker::zctl {

absl::Status Run(const LeasesCommand& command, Console& console) {
  ZB_ASSIGN_OR_RETURN(const auto client, broker::ControlClient::Connect({}));
  ZB_ASSIGN_OR_RETURN(const v1::LeaseList leases, client->ListLeases(command.account));
  if (command.json) return console.PrintJson(leases);
  return console.Print(RenderLeases(leases, console.view()));
}

}  // namespace zbroker::zctl
