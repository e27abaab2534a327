#include "absl/strings/str_cat.h"
#include "client/base/status.h"
#include "client/broker/control_client.h"
#include "client/zctl/carry_out.h"
#include "client/zctl/commands.h"
#include "zbroker/v1/admin.pb.h"

namespace zbroker::zctl {

absl::StatusOr<std::string> CarryOut(const RevokeCommand& command, broker::ControlClient& client,
                                     const ViewOptions&) {
  ZB_RETURN_IF_ERROR(client.RevokeLease(command.lease_id));
  return absl::StrCat("lease ", command.lease_id, ": revoked\n");
}

absl::Status Run(const RevokeCommand& command, Console& console) {
  ZB_ASSIGN_OR_RETURN(const auto client, broker::ControlClient::Connect({}));
  ZB_ASSIGN_OR_RETURN(const std::string text, CarryOut(command, *client, console.view()));
  if (command.json) return console.PrintJson(v1::RevokeLeaseReply());
  return console.Print(text);
}

}  // namespace zbroker::zctl
