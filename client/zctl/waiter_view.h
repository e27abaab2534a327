// Waiters as text.
#ifndef ZBROKER_CLIENT_ZCTL_WAITER_VIEW_H_
#define ZBROKER_CLIENT_ZCTL_WAITER_VIEW_H_

#include <string>

#include "client/zctl/table.h"
#include "client/zctl/view_options.h"
#include "zbroker/v1/ledger.pb.h"
#include "zbroker/v1/types.pb.h"

namespace zbroker::zctl {

// "1" is next; "-" for a waiter whose client is gone, which nothing can be granted to.
std::string WaiterPosition(const v1::WaiterInfo& waiter);

// "~12s", empty when nothing is known.
std::string WaiterEstimate(const v1::WaiterInfo& waiter);

// Why it waits, in words.
Cell WaiterReasonCell(const v1::WaiterInfo& waiter);

// One line per waiter with all that is known of it.
std::string RenderWaiters(const v1::WaiterList& waiters, const ViewOptions& options);

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_WAITER_VIEW_H_
