// What the daemon is asked for on behalf of a request.
#ifndef ZBROKER_SHIMS_GATEWAY_ACQUIRE_H_
#define ZBROKER_SHIMS_GATEWAY_ACQUIRE_H_

#include "shims/gateway/peer.h"
#include "shims/zai/request.h"
#include "zbroker/v1/broker.pb.h"

namespace zbroker::gateway {

// `terms`: what Acquires have unless their request says otherwise. `caller`: who sent the request.
v1::Acquire AcquireFor(const v1::Acquire& terms, const zai::Inspection& inspection,
                       const Caller& caller);

}  // namespace zbroker::gateway

#endif  // ZBROKER_SHIMS_GATEWAY_ACQUIRE_H_
