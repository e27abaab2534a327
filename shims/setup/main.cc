// zctl-setup, which is `zctl setup`: points the settings of tools at a gateway. A program of its
// own, as what it knows of tools is the shims', of which zctl knows nothing.
#include <unistd.h>

#include <iostream>
#include <string>
#include <variant>

#include "client/base/text.h"
#include "shims/setup/claude_extras.h"
#include "shims/setup/command_line.h"
#include "shims/setup/editors.h"
#include "shims/setup/list.h"
#include "shims/setup/mcp.h"
#include "shims/setup/set_up.h"
#include "shims/tools/surroundings.h"

namespace zbroker::setup {
namespace {

int End(const absl::Status& status) {
  if (status.ok()) return kExitFine;
  std::cout.flush();
  std::cerr << "zctl setup: " << status.message() << "\n";
  return kExitRefused;
}

Person AtTheTerminal() {
  Person person{.show = [](absl::string_view text) { std::cout << text; }};
  if (isatty(STDIN_FILENO) == 0) return person;
  person.ask = [](absl::string_view question) {
    std::cout.flush();
    std::cerr << question << std::flush;
    std::string answer;
    std::getline(std::cin, answer);
    return answer == "y" || answer == "Y" || answer == "yes";
  };
  return person;
}

int Main(int argc, char** argv) {
  const auto parsed = ParseCommandLine(argc, argv);
  if (const int* status = std::get_if<int>(&parsed)) return *status;
  const auto& line = std::get<CommandLine>(parsed);
  const auto surroundings = tools::Surroundings::OfProcess();
  const Person person = AtTheTerminal();
  if (line.tool.empty()) {
    std::cout << ListTools(*surroundings, line.json);
    return kExitFine;
  }
  if (line.tool == "mcp") {
    return End(line.undo ? UndoMcp(line, *surroundings, person)
                         : SetUpMcp(line, *surroundings, person));
  }
  if (line.mcp || line.hook) return End(SetUpClaudeExtras(line, *surroundings, person));
  if (IsEditor(line.tool)) return End(InstructForEditor(line.tool, line, *surroundings, person));
  const tools::Tool* const tool = FindToSetUp(line.tool);
  if (tool == nullptr) {
    std::cerr << "zctl setup: no tool " << EscapeControls(line.tool)
              << "; it knows claude, opencode, kilo, cline, continue, codex, mcp, roo and cursor\n";
    return kExitUsage;
  }
  return End(line.undo ? UndoSetUp(*tool, line, *surroundings, person)
                       : SetUpTool(*tool, line, *surroundings, person));
}

}  // namespace
}  // namespace zbroker::setup

int main(int argc, char** argv) { return zbroker::setup::Main(argc, argv); }
