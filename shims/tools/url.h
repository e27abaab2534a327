// What base URLs of the provider become behind a gateway.
#ifndef ZBROKER_SHIMS_TOOLS_URL_H_
#define ZBROKER_SHIMS_TOOLS_URL_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "client/base/url.h"

namespace zbroker::tools {

// The API that a tool speaks.
enum class Protocol { kAnthropic, kOpenAi };

// The provider serves both protocols from one origin: the base URL that speaks `protocol` beside
// the given one. One that is of neither known form is returned as it is.
Url ForProtocol(const Url& url, Protocol protocol);

// What reaches `target` through a gateway with this base URL, which appends the path it is asked
// for to its upstream's, or, if a service of the provider has it, to its upstream's origin. Empty
// when `target` is out of its reach.
std::optional<std::string> Through(absl::string_view gateway, const Url& upstream,
                                   const Url& target);

}  // namespace zbroker::tools

#endif  // ZBROKER_SHIMS_TOOLS_URL_H_
