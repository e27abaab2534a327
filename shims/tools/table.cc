#include "shims/tools/claude.h"
#include "shims/tools/environment.h"
#include "shims/tools/launcher.h"
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

FoundTool FindToolIn(const std::vector<std::string>& command) {
  const auto launched = FindLaunched(command);
  if (!launched.has_value()) return {};
  const std::string& word = command[launched->at];
  if (const Tool* const tool = FindTool(word)) return {tool, launched->at};
  if (!launched->is_package) return {};
  for (const Tool* const tool : kTools) {
    if (tool->package == PackageName(word)) return {tool, launched->at};
  }
  return {};
}

const Tool& AnyProgram() { return kAnyProgram; }

std::vector<std::string> ToolNames() {
  std::vector<std::string> names;
  for (const Tool* tool : kTools) names.emplace_back(tool->name);
  return names;
}

}  // namespace zbroker::tools
