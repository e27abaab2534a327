#include "shims/setup/claude_extras.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/base/status.h"
#include "shims/setup/each_file.h"
#include "shims/setup/replace_file.h"
#include "shims/tools/claude_extras.h"

namespace zbroker::setup {
namespace {

// Each has a history of its own, also where both are asked for at once.
Work Words(const CommandLine& line) {
  return {.kind = "claude-extras",
          .command = absl::StrCat("zctl setup claude", line.mcp ? " --mcp" : "",
                                  line.hook ? " --hook" : ""),
          .way_out = line.mcp ? "`claude mcp remove --scope user zbroker` takes the server out"
                              : "take the hook out by hand"};
}

}  // namespace

absl::Status SetUpClaudeExtras(const CommandLine& line, const tools::Surroundings& surroundings,
                               const Person& person) {
  std::vector<std::string> paths;
  if (line.mcp) paths.push_back(tools::ClaudeServersFile(surroundings));
  if (line.hook) paths.push_back(tools::ClaudeSettingsFile(surroundings));
  if (line.undo) {
    return UndoEach(Words(line), paths, line, surroundings.state_directory(), person);
  }
  ZB_ASSIGN_OR_RETURN(const std::string zctl, HowToCall("zctl", false));
  std::vector<tools::SetUp::File> files;
  const auto add = [&files](absl::StatusOr<tools::SetUp> set_up) {
    if (set_up.ok()) files.insert(files.end(), set_up->files.begin(), set_up->files.end());
    return set_up.status();
  };
  if (line.mcp) ZB_RETURN_IF_ERROR(add(tools::RegisterServer(zctl, surroundings)));
  if (line.hook) ZB_RETURN_IF_ERROR(add(tools::RegisterHook(zctl, surroundings)));
  if (files.empty()) {
    person.show("claude has it already; nothing to change\n");
    return absl::OkStatus();
  }
  std::vector<Change> changes;
  for (tools::SetUp::File& file : files) {
    ZB_ASSIGN_OR_RETURN(auto before, ReadIfThere(file.path));
    changes.push_back({file.path, std::move(before), std::move(file.content)});
  }
  return ChangeEach(Words(line), changes, line, surroundings.state_directory(), person);
}

}  // namespace zbroker::setup
