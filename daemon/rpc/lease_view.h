// Leases and waiters as messages. Another user's are reduced to what everybody may know, unless the
// viewer is an administrator. Pure, but for the processes' states, which it asks the kernel.
#ifndef ZBROKER_DAEMON_RPC_LEASE_VIEW_H_
#define ZBROKER_DAEMON_RPC_LEASE_VIEW_H_

#include "client/base/clock.h"
#include "daemon/core/lease.h"
#include "daemon/core/snapshot.h"
#include "daemon/rpc/translate.h"
#include "zbroker/v1/types.pb.h"

namespace zbroker::rpc {

void FillLease(const core::Lease& lease, const Now& now, const core::Client& viewer,
               v1::LeaseInfo* out);
void FillWaiter(const core::WaiterSnapshot& snapshot, const Now& now, const core::Client& viewer,
                v1::WaiterInfo* out);

// Works for LeaseInfo, WaiterInfo and LedgerRow, which share these fields.
template <typename Info>
void FillRequest(const core::Request& request, Info* out) {
  out->set_model(request.model);
  out->set_kind(ToProto(request.kind));
  out->set_priority(ToProto(request.priority));
  out->set_weight(request.weight.ToDouble());
  out->set_session(request.session);
  out->set_project(request.project);
}

// Who asked, and through whom. Works for Holder and LedgerRow.
template <typename Info>
void FillProgram(const core::Request& request, const core::Holder& holder, Info* out) {
  if (request.program.empty()) {
    out->set_program(holder.program);
    out->set_pid(holder.pid);
    return;
  }
  out->set_program(request.program);
  out->set_pid(request.program_pid);
  out->set_via(holder.program);
  out->set_via_pid(holder.pid);
}

}  // namespace zbroker::rpc

#endif  // ZBROKER_DAEMON_RPC_LEASE_VIEW_H_
