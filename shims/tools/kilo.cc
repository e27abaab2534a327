// Kilo, a fork of OpenCode, whose files it reads too. Seen with release 7.7.7.
#include "shims/tools/kilo.h"

#include <algorithm>
#include <iterator>

#include "shims/tools/open_code_family.h"

namespace zbroker::tools {
namespace {

// As first arguments: commands and options that call no model, or have another process do so.
constexpr absl::string_view kLocalCommands[] = {
    "--help",  "-h",         "--version", "-v",      "agent",     "attach",  "auth",
    "cloud",   "completion", "config",    "console", "daemon",    "db",      "debug",
    "export",  "help",       "import",    "mcp",     "models",    "plug",    "plugin",
    "profile", "providers",  "session",   "stats",   "uninstall", "upgrade", "worktree"};

bool CallsModels(const std::vector<std::string>& arguments) {
  if (arguments.empty()) return true;
  return std::ranges::find(kLocalCommands, arguments[0]) == std::end(kLocalCommands);
}

absl::StatusOr<Plan> MakePlan(const Invocation& invocation, const Surroundings& surroundings) {
  return PlanOpenCode(NamesOfKilo(), invocation, surroundings);
}

Look LookAt(const Surroundings& surroundings) {
  return LookAtOpenCode(NamesOfKilo(), surroundings);
}

absl::StatusOr<SetUp> MakeSetUp(const FixedGateway& gateway, const Surroundings& surroundings) {
  return SetUpOpenCode(NamesOfKilo(), gateway, surroundings);
}

}  // namespace

const OpenCodeNames& NamesOfKilo() {
  static const auto& names =
      *new OpenCodeNames{.title = "Kilo",
                         .content_variable = "KILO_CONFIG_CONTENT",
                         .file_variable = "KILO_CONFIG",
                         .directory = "kilo",
                         .project_directories = {".kilo", ".kilocode"},
                         .files = {"opencode.jsonc", "opencode.json", "kilo.jsonc", "kilo.json"},
                         .new_file = "kilo.json"};
  return names;
}

const Tool kKilo = {.name = "kilo",
                    .package = "@kilocode/cli",
                    .alias = "kilocode",
                    .calls_models = CallsModels,
                    .plan = MakePlan,
                    .look = LookAt,
                    .set_up = MakeSetUp,
                    .seen_with = "7.7.7"};

}  // namespace zbroker::tools
