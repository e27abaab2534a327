// Waiting for a lease, with an eye on signals.
#ifndef ZBROKER_SHIMS_ZLEASE_ACQUIRE_H_
#define ZBROKER_SHIMS_ZLEASE_ACQUIRE_H_

#include <optional>

#include "absl/status/status.h"
#include "client/broker/broker_client.h"
#include "shims/process/signals.h"
#include "shims/zlease/options.h"

namespace zbroker::zlease {

// How the wait ended: one of the three.
struct AcquireEnd {
  broker::Lease lease;  // valid: granted
  int signal = 0;       // a signal came first, and the place in the queue is given up
  absl::Status status;  // else why there is no lease
};

// Blocks until the lease is granted or refused, or a signal ends the wait.
AcquireEnd AcquireLease(const Options& options, broker::BrokerClient& client,
                        process::Signals& signals);

}  // namespace zbroker::zlease

#endif  // ZBROKER_SHIMS_ZLEASE_ACQUIRE_H_
