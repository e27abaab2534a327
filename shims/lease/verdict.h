// What the upstream said, as the daemon is told of it.
#ifndef ZBROKER_SHIMS_LEASE_VERDICT_H_
#define ZBROKER_SHIMS_LEASE_VERDICT_H_

#include "shims/zai/signal.h"
#include "zbroker/v1/broker.pb.h"

namespace zbroker::lease {

// How the lease of a request with this answer ends. `verdict`: in words that may be kept.
v1::Outcome OutcomeOf(const zai::Verdict& verdict);
v1::ReleaseDetails DetailsOf(const zai::Verdict& verdict);

}  // namespace zbroker::lease

#endif  // ZBROKER_SHIMS_LEASE_VERDICT_H_
