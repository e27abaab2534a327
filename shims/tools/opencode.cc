// OpenCode, of whose family this is the first. Seen with release 1.18.33, which also takes comments
// in OPENCODE_CONFIG_CONTENT.
#include "shims/tools/opencode.h"

#include <algorithm>
#include <iterator>

#include "shims/tools/open_code_family.h"

namespace zbroker::tools {
namespace {

// As first arguments: commands and options that call no model.
constexpr absl::string_view kLocalCommands[] = {
    "--help",     "-h",     "--version", "-v",      "agent",  "attach",    "auth",
    "completion", "db",     "debug",     "export",  "import", "mcp",       "models",
    "plug",       "plugin", "providers", "session", "stats",  "uninstall", "upgrade"};

bool CallsModels(const std::vector<std::string>& arguments) {
  if (arguments.empty()) return true;
  return std::ranges::find(kLocalCommands, arguments[0]) == std::end(kLocalCommands);
}

absl::StatusOr<Plan> MakePlan(const Invocation& invocation, const Surroundings& surroundings) {
  return PlanOpenCode(NamesOfOpenCode(), invocation, surroundings);
}

Look LookAt(const Surroundings& surroundings) {
  return LookAtOpenCode(NamesOfOpenCode(), surroundings);
}

absl::StatusOr<SetUp> MakeSetUp(const FixedGateway& gateway, const Surroundings& surroundings) {
  return SetUpOpenCode(NamesOfOpenCode(), gateway, surroundings);
}

}  // namespace

const OpenCodeNames& NamesOfOpenCode() {
  static const auto& names = *new OpenCodeNames{.title = "OpenCode",
                                                .content_variable = "OPENCODE_CONFIG_CONTENT",
                                                .file_variable = "OPENCODE_CONFIG",
                                                .directory = "opencode",
                                                .project_directories = {".opencode"},
                                                .files = {"opencode.json", "opencode.jsonc"},
                                                .new_file = "opencode.json"};
  return names;
}

const Tool kOpenCode = {.name = "opencode",
                        .package = "opencode-ai",
                        .calls_models = CallsModels,
                        .plan = MakePlan,
                        .look = LookAt,
                        .set_up = MakeSetUp,
                        .seen_with = "1.18.33"};

}  // namespace zbroker::tools
