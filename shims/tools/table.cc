#include "shims/tools/claude.h"
#include "shims/tools/cline.h"
#include "shims/tools/cn.h"
#include "shims/tools/codex.h"
#include "shims/tools/environment.h"
#include "shims/tools/kilo.h"
#include "shims/tools/launcher.h"
#include "shims/tools/opencode.h"
#include "shims/tools/tool.h"

namespace zbroker::tools {

const std::vector<const Tool*>& AllTools() {
  static const auto& tools =
      *new std::vector<const Tool*>{&kClaude, &kOpenCode, &kKilo, &kCline, &kContinue, &kCodex};
  return tools;
}

const Tool* FindTool(absl::string_view command) {
  const absl::string_view name = command.substr(command.rfind('/') + 1);
  for (const Tool* tool : AllTools()) {
    if (tool->name == name || (!name.empty() && tool->alias == name)) return tool;
  }
  return nullptr;
}

FoundTool FindToolIn(const std::vector<std::string>& command) {
  const auto launched = FindLaunched(command);
  if (!launched.has_value()) return {};
  const std::string& word = command[launched->at];
  if (const Tool* const tool = FindTool(word)) return {tool, launched->at, launched->is_bare};
  if (!launched->is_package) return {};
  for (const Tool* const tool : AllTools()) {
    if (tool->package == PackageName(word)) return {tool, launched->at, launched->is_bare};
  }
  return {};
}

const Tool& AnyProgram() { return kAnyProgram; }

}  // namespace zbroker::tools
