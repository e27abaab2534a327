// What a client may see of the broker's state. Pure, but for the processes' states, which it asks
// the kernel.
#ifndef ZBROKER_DAEMON_RPC_VIEW_H_
#define ZBROKER_DAEMON_RPC_VIEW_H_

#include <string>

#include "client/base/clock.h"
#include "daemon/core/lease.h"
#include "daemon/core/snapshot.h"
#include "daemon/ledger/query.h"
#include "zbroker/v1/ledger.pb.h"

namespace zbroker::rpc {

// Each takes one account, or all when `account` is empty. NOT_FOUND for one that is not there.
// Another user's leases and waiters are reduced to what everybody may know, unless the viewer is an
// administrator.

absl::Status FillStatus(const core::Snapshot& snapshot, const Now& now, const std::string& account,
                        const core::Client& viewer, v1::Status* out);
// Adds to a status of the same snapshot what its windows would be charged for requests of the
// model.
void FillPrices(const core::Snapshot& snapshot, const Now& now, const std::string& model,
                v1::Status* out);
absl::Status FillLeases(const core::Snapshot& snapshot, const Now& now, const std::string& account,
                        const core::Client& viewer, v1::LeaseList* out);
absl::Status FillWaiters(const core::Snapshot& snapshot, const Now& now, const std::string& account,
                         const core::Client& viewer, v1::WaiterList* out);

void FillRow(const ledger::Row& row, v1::LedgerRow* out);
void FillGroup(const ledger::Group& group, v1::LedgerGroup* out);

}  // namespace zbroker::rpc

#endif  // ZBROKER_DAEMON_RPC_VIEW_H_
