// An account's slots as a message: how many there are and why, and how many are taken. Pure.
#ifndef ZBROKER_DAEMON_RPC_SLOTS_VIEW_H_
#define ZBROKER_DAEMON_RPC_SLOTS_VIEW_H_

#include "client/base/clock.h"
#include "daemon/core/snapshot.h"
#include "zbroker/v1/ledger.pb.h"

namespace zbroker::rpc {

void FillSlots(const core::AccountSnapshot& account, const Now& now, v1::SlotsStatus* out);

}  // namespace zbroker::rpc

#endif  // ZBROKER_DAEMON_RPC_SLOTS_VIEW_H_
