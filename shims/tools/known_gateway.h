// Whether there is a gateway of ours already where a command's requests go.
#ifndef ZBROKER_SHIMS_TOOLS_KNOWN_GATEWAY_H_
#define ZBROKER_SHIMS_TOOLS_KNOWN_GATEWAY_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "shims/tools/surroundings.h"

namespace zbroker::tools {

// So that a zlease below this one knows a gateway when it is pointed at it: its base URL.
inline constexpr char kGatewayVariable[] = "ZLEASE_GATEWAY";
// And where that gateway's requests go.
inline constexpr char kGatewayUpstreamVariable[] = "ZLEASE_GATEWAY_UPSTREAM";

// Whether a base URL is that of a gateway whose token is known: the one that we are below of, or
// the long-lived one, whose token `state_directory` has. A second one before it would take two
// leases for each request, and with one slot wait for itself. However the URL spells this machine's
// loopback, as long as the gateway would serve it. An empty `state_directory` is none.
//
// A gateway that somebody has started with --ephemeral and that we are not below of is not known:
// nobody else has its token, and other programs' URLs look the same.
bool IsKnownGateway(absl::string_view upstream, const std::string& state_directory,
                    const Surroundings& surroundings);

// What follows the token in a base URL that looks like one of a gateway of ours, "/v1" or empty:
// loopback, and 32 hexadecimal digits as the first segment of the path. Empty when it does not.
std::optional<std::string> BehindToken(absl::string_view url);

}  // namespace zbroker::tools

#endif  // ZBROKER_SHIMS_TOOLS_KNOWN_GATEWAY_H_
