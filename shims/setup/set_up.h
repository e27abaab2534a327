// Setting a tool up, and undoing it.
#ifndef ZBROKER_SHIMS_SETUP_SET_UP_H_
#define ZBROKER_SHIMS_SETUP_SET_UP_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "shims/setup/command_line.h"
#include "shims/tools/surroundings.h"
#include "shims/tools/tool.h"

namespace zbroker::setup {

// How it talks with a person.
struct Person {
  std::function<void(absl::string_view text)> show;
  // Whether the answer is yes; empty when nobody can be asked.
  std::function<bool(absl::string_view question)> ask;
};

// Both show what changes, and ask, unless the command line says not to. Nothing is written when a
// file can't be: what was is put back. Errors: FAILED_PRECONDITION when no gateway runs, nobody can
// be asked, or there is nothing to undo; ABORTED when somebody has changed a file since; those of
// Tool::set_up and ReplaceFile.
absl::Status SetUpTool(const tools::Tool& tool, const CommandLine& line,
                       const tools::Surroundings& surroundings, const Person& person);
absl::Status UndoSetUp(const tools::Tool& tool, const CommandLine& line,
                       const tools::Surroundings& surroundings, const Person& person);

// For one that is set up in its editor: says how.
absl::Status InstructForEditor(const std::string& name, const CommandLine& line,
                               const tools::Surroundings& surroundings, const Person& person);

}  // namespace zbroker::setup

#endif  // ZBROKER_SHIMS_SETUP_SET_UP_H_
