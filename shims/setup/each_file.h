// Changes to several files, each of which is a step of a history of its own, so that one which
// somebody else has changed since keeps no other from being undone.
#ifndef ZBROKER_SHIMS_SETUP_EACH_FILE_H_
#define ZBROKER_SHIMS_SETUP_EACH_FILE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "shims/setup/command_line.h"
#include "shims/setup/history.h"
#include "shims/setup/set_up.h"

namespace zbroker::setup {

// How messages speak of it.
struct Work {
  std::string kind;     // begins the names of the histories
  std::string command;  // "zctl setup mcp"
  // How to take out what was put in where a file has changed since: "`…` takes it out".
  std::string way_out;
};

// Shows the changes, asks, and makes those that can be made. Errors: those of MayWrite, and of
// MakeChanges, the first of several; the others are made nevertheless.
absl::Status ChangeEach(const Work& work, const std::vector<Change>& changes,
                        const CommandLine& line, const std::string& state_directory,
                        const Person& person);

// Takes back the last change of each of the files. Errors: FAILED_PRECONDITION when there was none;
// those of UndoChanges, the first of several.
absl::Status UndoEach(const Work& work, const std::vector<std::string>& paths,
                      const CommandLine& line, const std::string& state_directory,
                      const Person& person);

// How a tool is to call a program of ours: by its name where PATH has it, else, or where `by_path`
// says so, by its path. Errors: NOT_FOUND.
absl::StatusOr<std::string> HowToCall(const std::string& program, bool by_path);

}  // namespace zbroker::setup

#endif  // ZBROKER_SHIMS_SETUP_EACH_FILE_H_
