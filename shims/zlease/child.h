// Running a command as if nobody had wrapped it.
//
// The command shares our process group, session, terminal and descriptors, so the shell's job
// control and the terminal's signals treat both as one. We only wait, and pass on the signals that
// somebody sent to us alone.
#ifndef ZBROKER_SHIMS_ZLEASE_CHILD_H_
#define ZBROKER_SHIMS_ZLEASE_CHILD_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "shims/zlease/signals.h"

namespace zbroker::zlease {

// How a command ended.
struct ChildEnd {
  int exit_status = 0;
  int signal = 0;      // not 0: killed by it
  int exec_errno = 0;  // not 0: it never ran
};

// Whether the command would be found by the search of execvp(3): OK, or NOT_FOUND.
absl::Status FindCommand(const std::string& name);

// Forks from the calling thread, which must be the main one: the command gets SIGTERM if that ends.
// `extra` is added to the environment. Errors: no process or descriptor to be had.
absl::StatusOr<ChildEnd> RunChild(const std::vector<std::string>& command,
                                  const std::vector<std::pair<std::string, std::string>>& extra,
                                  Signals& signals);

}  // namespace zbroker::zlease

#endif  // ZBROKER_SHIMS_ZLEASE_CHILD_H_
