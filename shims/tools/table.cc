#include "shims/tools/claude.h"
#include "shims/tools/environment.h"
#include "shims/tools/opencode.h"
#include "shims/tools/tool.h"

namespace zbroker::tools {
namespace {

constexpr const Tool* kTools[] = {&kClaude, &kOpenCode};

}  // namespace

const Tool* FindTool(absl::string_view command) {
  const absl::string_view name = command.substr(command.rfind('/') + 1);
  for (const Tool* tool : kTools) {
    if (tool->name == name) return tool;
  }
  return nullptr;
}

const Tool& AnyProgram() { return kAnyProgram; }

std::vector<std::string> ToolNames() {
  std::vector<std::string> names;
  for (const Tool* tool : kTools) names.emplace_back(tool->name);
  return names;
}

}  // namespace zbroker::tools
