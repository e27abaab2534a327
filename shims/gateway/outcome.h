// What the upstream said, as the daemon is told of it.
#ifndef ZBROKER_SHIMS_GATEWAY_OUTCOME_H_
#define ZBROKER_SHIMS_GATEWAY_OUTCOME_H_

#include <functional>
#include <string>

#include "shims/gateway/upstream_answer.h"
#include "shims/lease/held_lease.h"

namespace zbroker::gateway {

// Ends the lease as the answer says, without waiting. Returns its ticket. Nothing happens if none
// is held. `verdict`: the answer's, in words that may be kept.
std::string Release(lease::HeldLease& lease, const UpstreamAnswer& answer,
                    const zai::Verdict& verdict);

// The same for an answer that is given up in the middle. What came of it is told all the same: the
// provider counts it. See HeldLease for what comes back.
std::function<void()> ReleaseCancelled(lease::HeldLease& lease, const UpstreamAnswer& answer,
                                       const zai::Verdict& verdict);

}  // namespace zbroker::gateway

#endif  // ZBROKER_SHIMS_GATEWAY_OUTCOME_H_
