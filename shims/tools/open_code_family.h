// OpenCode and what was made of it. They merge their configuration from the user's files, the file
// that a variable names, those of the project, those in a directory there, and a variable that has
// a text of its own, later ones winning (https://opencode.ai/docs/config). `provider.ID.options.
// baseURL` is where a provider's requests go, else what the built-in catalogue says. A provider
// that the configuration names is offered even without a key, so only those may be named that are
// in use.
//
// One gateway has one upstream, so providers of one origin are put behind it. Those of others are
// other accounts, and are left alone with a remark.
#ifndef ZBROKER_SHIMS_TOOLS_OPEN_CODE_FAMILY_H_
#define ZBROKER_SHIMS_TOOLS_OPEN_CODE_FAMILY_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "shims/tools/open_code_config.h"
#include "shims/tools/tool.h"

namespace zbroker::tools {

// The faces of Tool, for one of the family.
absl::StatusOr<Plan> PlanOpenCode(const OpenCodeNames& names, const Invocation& invocation,
                                  const Surroundings& surroundings);
Look LookAtOpenCode(const OpenCodeNames& names, const Surroundings& surroundings);
absl::StatusOr<SetUp> SetUpOpenCode(const OpenCodeNames& names, const FixedGateway& gateway,
                                    const Surroundings& surroundings);

}  // namespace zbroker::tools

#endif  // ZBROKER_SHIMS_TOOLS_OPEN_CODE_FAMILY_H_
