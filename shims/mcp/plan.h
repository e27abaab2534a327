// How a server is run: which of its calls take leases, and where its own requests go.
#ifndef ZBROKER_SHIMS_MCP_PLAN_H_
#define ZBROKER_SHIMS_MCP_PLAN_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/base/gateway_record.h"
#include "shims/mcp/options.h"
#include "shims/tools/surroundings.h"

namespace zbroker::mcp {

struct Plan {
  std::vector<std::string> tools;  // globs; empty: no call takes a lease here
  v1::Kind kind = v1::KIND_MCP;
  tools::Variables variables;  // for the server's environment
  std::vector<std::string> remarks;
  std::string program;      // what the server is called
  absl::Duration patience;  // how long a call may wait
};

// A server that calls models itself (of the npm package @z_ai/mcp-server) is pointed at
// the gateway that it is below of, else at the first of `running` that goes where its requests go;
// these take the leases then, and its calls none. One whose requests go elsewhere is left alone: a
// key must not go where its owner does not expect it. Errors: INVALID_ARGUMENT when the
// configuration can't be read or has a mistake there.
absl::StatusOr<Plan> MakePlan(const Options& options, const tools::Surroundings& surroundings,
                              const std::vector<GatewayRecord>& running);

}  // namespace zbroker::mcp

#endif  // ZBROKER_SHIMS_MCP_PLAN_H_
