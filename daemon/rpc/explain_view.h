// Explanations as messages. Another user's waiters are reduced to what everybody may know, unless
// the viewer is an administrator. Pure, but for the processes' states, which it asks the kernel.
#ifndef ZBROKER_DAEMON_RPC_EXPLAIN_VIEW_H_
#define ZBROKER_DAEMON_RPC_EXPLAIN_VIEW_H_

#include "client/base/clock.h"
#include "daemon/core/explanation.h"
#include "daemon/core/lease.h"
#include "daemon/ledger/query.h"
#include "zbroker/v1/explain.pb.h"

namespace zbroker::rpc {

void FillExplanation(const core::Explanation& explanation, const Now& now,
                     const core::Client& viewer, v1::Explanation* out);
// Of a lease that is not open any more.
void FillEnded(const ledger::Row& row, const Now& now, v1::Explanation* out);

}  // namespace zbroker::rpc

#endif  // ZBROKER_DAEMON_RPC_EXPLAIN_VIEW_H_
