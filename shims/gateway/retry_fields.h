// What an answer tells its client of when to try again.
#ifndef ZBROKER_SHIMS_GATEWAY_RETRY_FIELDS_H_
#define ZBROKER_SHIMS_GATEWAY_RETRY_FIELDS_H_

#include "absl/time/time.h"
#include "shims/gateway/headers.h"

namespace zbroker::gateway {

// Some SDKs sleep for whatever Retry-After says, and some not at all when they can't read it. So
// `retry-after` is passed on as whole seconds, `retry-after-ms` as it is, either as one second at
// least, and neither if it can't be read, is past, or is longer than any throttle's.
void VouchForRetryAfter(Headers& headers, absl::Time now);

// Trying again does not help before somebody acts, or a reset that is far away.
void StopClientsRetries(Headers& headers);

}  // namespace zbroker::gateway

#endif  // ZBROKER_SHIMS_GATEWAY_RETRY_FIELDS_H_
