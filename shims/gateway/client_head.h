// The head that a client gets of an upstream's answer.
#ifndef ZBROKER_SHIMS_GATEWAY_CLIENT_HEAD_H_
#define ZBROKER_SHIMS_GATEWAY_CLIENT_HEAD_H_

#include "absl/time/time.h"
#include "shims/gateway/options.h"
#include "shims/gateway/responder.h"
#include "shims/gateway/upstream_answer.h"

namespace zbroker::gateway {

// As it came, but for what would mislead the client: fields of the connection, times to wait that
// can't be vouched for, and redirections past the gateway. A model request that the upstream has no
// path for gets 404, whatever the upstream calls it. REQUIRES: answer.has_head().
Head HeadForClient(const UpstreamAnswer& answer, const Options& options, bool needs_slot,
                   absl::Time now);

}  // namespace zbroker::gateway

#endif  // ZBROKER_SHIMS_GATEWAY_CLIENT_HEAD_H_
