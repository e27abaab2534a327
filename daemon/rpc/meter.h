// The provider's meter, between the wire's messages and the core's words. Pure.
#ifndef ZBROKER_DAEMON_RPC_METER_H_
#define ZBROKER_DAEMON_RPC_METER_H_

#include "absl/status/statusor.h"
#include "client/base/clock.h"
#include "daemon/core/command.h"
#include "daemon/core/snapshot.h"
#include "zbroker/v1/admin.pb.h"
#include "zbroker/v1/ledger.pb.h"

namespace zbroker::rpc {

// Errors: INVALID_ARGUMENT, naming the field.
absl::StatusOr<core::ReportMeter> ToCommand(const v1::ReportMeterRequest& request,
                                            const core::Client& client, const Now& now);

void FillMeter(const core::AccountSnapshot& account, const Now& now, v1::AccountStatus* out);
void FillMeter(const core::WindowSnapshot& window, v1::WindowStatus* out);

}  // namespace zbroker::rpc

#endif  // ZBROKER_DAEMON_RPC_METER_H_
