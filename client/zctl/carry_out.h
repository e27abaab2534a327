// Orders, given to a daemon that has been reached.
#ifndef ZBROKER_CLIENT_ZCTL_CARRY_OUT_H_
#define ZBROKER_CLIENT_ZCTL_CARRY_OUT_H_

#include <string>

#include "absl/status/statusor.h"
#include "client/broker/control_client.h"
#include "client/zctl/commands.h"
#include "client/zctl/view_options.h"

namespace zbroker::zctl {

// What has become of it, for a person. Errors: those of the call.
absl::StatusOr<std::string> CarryOut(const PauseCommand& command, broker::ControlClient& client,
                                     const ViewOptions& options);
absl::StatusOr<std::string> CarryOut(const ResumeCommand& command, broker::ControlClient& client,
                                     const ViewOptions& options);
absl::StatusOr<std::string> CarryOut(const RevokeCommand& command, broker::ControlClient& client,
                                     const ViewOptions& options);

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_CARRY_OUT_H_
