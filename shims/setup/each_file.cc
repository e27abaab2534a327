#include "shims/setup/each_file.h"

#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/base/paths.h"
#include "client/base/status.h"
#include "shims/setup/installed.h"
#include "shims/tools/claude.h"

namespace zbroker::setup {
namespace {

// What the history calls a file.
std::string SubjectOf(const Work& work, const std::string& path) {
  // FNV-1a: a name of a folder, that must stay the same from release to release.
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : path) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return absl::StrFormat("%s-%016x", work.kind, hash);
}

void ShowRunning(const std::vector<Change>& changes, const Person& person) {
  const bool is_claudes = std::ranges::any_of(
      changes, [](const Change& change) { return BaseName(change.path) == ".claude.json"; });
  const auto pids = is_claudes ? FindRunning(tools::kClaude) : std::vector<pid_t>();
  if (!pids.empty()) {
    person.show(absl::StrCat("claude runs, pid ", pids[0],
                             ", and may write its .claude.json as it knows it: look again when it "
                             "has ended\n"));
  }
}

}  // namespace

absl::Status ChangeEach(const Work& work, const std::vector<Change>& changes,
                        const CommandLine& line, const std::string& state_directory,
                        const Person& person) {
  ShowChanges(changes, person);
  ZB_ASSIGN_OR_RETURN(const bool may_write, MayWrite(line, person));
  if (!may_write) return absl::OkStatus();
  absl::Status first_error;
  std::vector<Change> made;
  for (const Change& change : changes) {
    const absl::Status status =
        MakeChanges(SubjectOf(work, change.path), {change}, state_directory);
    if (status.ok()) made.push_back(change);
    first_error.Update(status);
  }
  if (!made.empty()) {
    person.show(absl::StrCat("written; `", work.command, " --undo` brings it back\n"));
    ShowRunning(made, person);
  }
  return first_error;
}

absl::Status UndoEach(const Work& work, const std::vector<std::string>& paths,
                      const CommandLine& line, const std::string& state_directory,
                      const Person& person) {
  absl::Status first_error;
  bool any = false;
  for (const std::string& path : paths) {
    const std::string subject = SubjectOf(work, path);
    const auto last = History(state_directory, subject).Last();
    if (last.ok() && !*last) continue;
    any = true;
    absl::Status status =
        UndoChanges(subject, work.command, nullptr, line, state_directory, person);
    if (absl::IsAborted(status)) {
      status = absl::AbortedError(absl::StrCat(status.message(), "; ", work.way_out));
    }
    first_error.Update(status);
  }
  if (any) return first_error;
  return absl::FailedPreconditionError(
      absl::StrCat("nothing to undo: ", work.command, " has changed nothing that is read here"));
}

absl::StatusOr<std::string> HowToCall(const std::string& program, bool by_path) {
  const std::string in_path = FindInPath(program);
  if (!in_path.empty()) return by_path ? in_path : program;
  for (const char* const place : {"/", "/../../bin/"}) {
    char real[PATH_MAX];
    const std::string path = absl::StrCat(ExecutableDirectory(), place, program);
    if (realpath(path.c_str(), real) != nullptr && access(real, X_OK) == 0)
      return std::string(real);
  }
  return absl::NotFoundError(absl::StrCat("there is no program ", program, " in PATH, nor beside ",
                                          ExecutableDirectory(), ": install zbroker again"));
}

}  // namespace zbroker::setup
