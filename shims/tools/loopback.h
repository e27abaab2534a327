// Proxies, and how a tool that uses one still reaches its gateway on this machine.
#ifndef ZBROKER_SHIMS_TOOLS_LOOPBACK_H_
#define ZBROKER_SHIMS_TOOLS_LOOPBACK_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "shims/tools/surroundings.h"

namespace zbroker::tools {

// The value that a tool would see for a variable; empty when it is not set.
using Lookup = std::function<std::optional<std::string>(const std::string& name)>;

// The variables by which programs are told of proxies, in both spellings.
inline constexpr absl::string_view kProxyVariables[] = {"HTTP_PROXY",  "http_proxy", "HTTPS_PROXY",
                                                        "https_proxy", "ALL_PROXY",  "all_proxy"};
inline constexpr absl::string_view kNoProxyVariables[] = {"NO_PROXY", "no_proxy"};

// What to set so that 127.0.0.1 is not looked for behind a proxy: nothing when there is none.
Variables ReachLoopback(const Lookup& lookup);

}  // namespace zbroker::tools

#endif  // ZBROKER_SHIMS_TOOLS_LOOPBACK_H_
