// Running a command as if nobody had wrapped it.
//
// The command shares our process group, session, terminal and descriptors, so the shell's job
// control and the terminal's signals treat both as one. We only wait, and pass on the signals that
// somebody sent to us alone.
#ifndef ZBROKER_SHIMS_PROCESS_CHILD_H_
#define ZBROKER_SHIMS_PROCESS_CHILD_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/base/clock.h"
#include "shims/process/signals.h"
#include "shims/process/spawn.h"

namespace zbroker::process {

// How a command ended.
struct ChildEnd {
  int exit_status = 0;
  int signal = 0;      // not 0: killed by it
  int exec_errno = 0;  // not 0: it never ran
};

// Whether a child of ours has ended; it is not waited for.
bool HasEnded(pid_t pid);

// Waits for the end of a child that was spawned.
ChildEnd WaitFor(const Spawned& child);

// Something else that has to be looked after while the command runs.
class Companion {
 public:
  virtual ~Companion() = default;

  // Attend is called when this is readable, unless it is -1, and at the instant due() at the
  // latest.
  virtual int fd() const = 0;
  virtual BootTime due() const = 0;
  virtual void Attend(BootTime now) = 0;
};

// Runs the command to its end, on the main thread. `extra` is added to the environment; `companion`
// may be null. Errors: no process or descriptor to be had.
absl::StatusOr<ChildEnd> RunChild(const std::vector<std::string>& command, const Variables& extra,
                                  Signals& signals, Companion* companion = nullptr);

// The exit status for zlease once its command has ended so; says why one could not be run, and
// dies by the signal that a command died by.
int EndAs(const ChildEnd& end, const std::string& name, const Signals& signals);

}  // namespace zbroker::process

#endif  // ZBROKER_SHIMS_PROCESS_CHILD_H_
