// The descriptors that a relay reads and writes.
#ifndef ZBROKER_SHIMS_MCP_DESCRIPTORS_H_
#define ZBROKER_SHIMS_MCP_DESCRIPTORS_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/base/fd.h"

namespace zbroker::mcp {

// One of our standard descriptors, for use without blocking; what has its number after that leads
// nowhere. That it does not block is not to be felt by others who have the same one, such as the
// shell of a terminal: where it can be opened anew it is. Errors: those of ErrnoToStatus.
absl::StatusOr<Fd> TakeStandard(int number);

// Our ends do not block; those of the server do.
struct ServerPipes {
  Fd server_input, to_server;
  Fd server_output, from_server;
};
absl::StatusOr<ServerPipes> MakeServerPipes();

}  // namespace zbroker::mcp

#endif  // ZBROKER_SHIMS_MCP_DESCRIPTORS_H_
