// An MCP server on its standard input and output.
#ifndef ZBROKER_SHIMS_AGENTS_HOST_H_
#define ZBROKER_SHIMS_AGENTS_HOST_H_

#include "absl/status/status.h"
#include "client/base/fd.h"
#include "shims/agents/server.h"

namespace zbroker::agents {

// Serves until the input ends, and sends what there is to send for a second more, but waits for
// nothing any longer; or until the output has no reader. Reads nothing while the reader is far
// behind. REQUIRES: descriptors that don't block. Errors: those of ErrnoToStatus.
absl::Status Serve(Server& server, const Fd& input, const Fd& output);

}  // namespace zbroker::agents

#endif  // ZBROKER_SHIMS_AGENTS_HOST_H_
