// The command that starts a gateway as the options of zlease want it.
#ifndef ZBROKER_SHIMS_ZLEASE_GATEWAY_COMMAND_H_
#define ZBROKER_SHIMS_ZLEASE_GATEWAY_COMMAND_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "shims/zlease/options.h"

namespace zbroker::zlease {

// The program: beside this one, else where packages put what is not for people to run. Errors:
// NOT_FOUND, naming both places.
absl::StatusOr<std::string> FindGateway();

// The arguments that say what `options` says. REQUIRES: options that hold for every request.
std::vector<std::string> GatewayArguments(const Options& options);

// Becomes a gateway that runs until it is stopped, with the rest of the command line as further
// arguments. Returns an exit status if that fails.
int ExecGateway(const Options& options);

}  // namespace zbroker::zlease

#endif  // ZBROKER_SHIMS_ZLEASE_GATEWAY_COMMAND_H_
