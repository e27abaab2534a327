#include "shims/zai/mcp.h"
#include "shims/zai/reply.h"
#include "shims/zai/request.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/targets.h"

namespace zbroker::fuzz {

std::string FuzzInspect(absl::string_view input) {
  const zai::Endpoint endpoint = TakeEndpoint(&input);
  const auto headers = [&](absl::string_view) { return input; };
  const zai::Inspection inspection = zai::InspectRequest(endpoint, headers, input);
  if (endpoint.model_request && !endpoint.unknown && !inspection.needs_slot)
    return "a model request without a slot";
  if (!endpoint.model_request && !endpoint.mcp && inspection.needs_slot)
    return "a slot for nothing";
  if (inspection.background && inspection.kind != zai::Kind::kCall) return "a background prompt";
  if (!IsName(inspection.model, 256)) return "model";
  if (!IsName(inspection.session, 256)) return "session";
  const std::string reply =
      zai::ErrorBody(zai::Protocol::kMcp, {429, input, input, input, inspection.rpc_id});
  if (zai::ReadMcpRequest(reply).id != inspection.rpc_id) return "an id that is no JSON";
  return "";
}

}  // namespace zbroker::fuzz
