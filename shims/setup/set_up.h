// Setting a tool up, and undoing it.
#ifndef ZBROKER_SHIMS_SETUP_SET_UP_H_
#define ZBROKER_SHIMS_SETUP_SET_UP_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "shims/setup/command_line.h"
#include "shims/setup/history.h"
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

// What both are made of, for others that change files which a person looks after. `subject` names
// what is set up, and the place of its history.

// Whether to go on. Errors: FAILED_PRECONDITION when nobody can be asked.
absl::StatusOr<bool> MayWrite(const CommandLine& line, const Person& person);

void ShowChanges(const std::vector<Change>& changes, const Person& person);

// All of the changes are made and recorded, or none. `join`: see History::Record. Errors: those of
// PreparePrivateDirectory, History and ReplaceFile.
absl::Status MakeChanges(const std::string& subject, const std::vector<Change>& changes,
                         const std::string& state_directory, bool join = true);

// `command`: what had made the changes, for messages. `alike` may be null; see Tool::alike.
absl::Status UndoChanges(const std::string& subject, absl::string_view command,
                         bool (*alike)(absl::string_view one, absl::string_view other),
                         const CommandLine& line, const std::string& state_directory,
                         const Person& person);

// For one that is set up in its editor: says how.
absl::Status InstructForEditor(const std::string& name, const CommandLine& line,
                               const tools::Surroundings& surroundings, const Person& person);

}  // namespace zbroker::setup

#endif  // ZBROKER_SHIMS_SETUP_SET_UP_H_
