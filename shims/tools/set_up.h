// What the set-up of tools has in common.
#ifndef ZBROKER_SHIMS_TOOLS_SET_UP_H_
#define ZBROKER_SHIMS_TOOLS_SET_UP_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/base/url.h"
#include "shims/tools/tool.h"

namespace zbroker::tools {

// What follows the gateway's base URL in one that reaches through it what `current` reaches, which
// may itself be a URL of a gateway, of this one or of one before it. The provider's services are
// named in full, so that it stays right when the gateway's upstream becomes another of them. Empty
// when the gateway has no way there, or `current` goes through one of the others that run.
std::optional<std::string> PathBehind(const FixedGateway& gateway, const Url& current);

// Why it has none, for a person.
std::string OutOfReach(absl::string_view what, const Url& current, const FixedGateway& gateway);

// Where a tool can be told of only one gateway: whether it may be this one, as `kept` is not the
// URL of another that runs. Errors: FAILED_PRECONDITION.
absl::Status CheckFree(absl::string_view kept, const FixedGateway& gateway);

// Where the URL of a tool's gateway is kept for it to read, with nobody else being able to.
std::string SecretPath(absl::string_view tool_name, const Surroundings& surroundings);

// The file, as it is to be: added to those of `set_up` if it is not so already.
void AddFile(const std::string& path, std::string content, const Surroundings& surroundings,
             SetUp& set_up);

// The text of the file, or an empty one where there is none. Errors: those of ReadFile otherwise.
// FAILED_PRECONDITION when the path is there and leads nowhere: a link to what is not there.
absl::Status CheckLeadsSomewhere(const std::string& path, const Surroundings& surroundings);

absl::StatusOr<std::string> ReadOrEmpty(const std::string& path, const Surroundings& surroundings);

}  // namespace zbroker::tools

#endif  // ZBROKER_SHIMS_TOOLS_SET_UP_H_
