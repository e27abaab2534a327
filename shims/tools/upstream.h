// The upstream of last resort: what holds when a tool's own settings name none.
#ifndef ZBROKER_SHIMS_TOOLS_UPSTREAM_H_
#define ZBROKER_SHIMS_TOOLS_UPSTREAM_H_

#include <string>

#include "absl/status/statusor.h"
#include "shims/tools/tool.h"
#include "shims/tools/url.h"

namespace zbroker::tools {

// `upstream` of the account in zbroker's configuration, for an empty name that of the default
// account; empty when it says nothing about it. Errors: INVALID_ARGUMENT when the configuration
// can't be read or has a mistake there.
absl::StatusOr<std::string> ConfiguredUpstream(const std::string& account,
                                               const Surroundings& surroundings);

// The same in the form that speaks `protocol`. There is no default: the tool alone would have gone
// to its own maker, and a key must not go where its owner does not expect it. Errors: as above, and
// INVALID_ARGUMENT when nothing is configured, saying what to do.
absl::StatusOr<Url> AccountUpstream(absl::string_view tool_name, const Invocation& invocation,
                                    const Surroundings& surroundings, Protocol protocol);

}  // namespace zbroker::tools

#endif  // ZBROKER_SHIMS_TOOLS_UPSTREAM_H_
