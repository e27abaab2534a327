#include "absl/strings/str_cat.h"
#include "client/base/status.h"
#include "client/broker/control_client.h"
#include "client/zctl/commands.h"
#include "zbroker/v1/admin.pb.h"

namespace zbroker::zctl {

absl::Status Run(const RevokeCommand& command, Console& console) {
  ZB_ASSIGN_OR_RETURN(const auto client, broker::ControlClient::Connect({}));
  ZB_RETURN_IF_ERROR(client->RevokeLease(command.lease_id));
  if (command.json) return console.PrintJson(v1::RevokeLeaseReply());
  return console.Print(absl::StrCat("lease ", command.lease_id, ": revoked\n"));
}

}  // namespace zbroker::zctl
