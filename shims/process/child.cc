#include "shims/process/child.h"

#include <poll.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "client/base/status.h"
#include "shims/process/exit_status.h"
#include "shims/process/poll_time.h"
#include "shims/process/say.h"

namespace zbroker::process {
namespace {

// Without pidfds (kernels before 5.3) look twenty times a second.
constexpr int kLookMs = 50;

int LookTimeout(bool has_pidfd, const Companion* companion) {
  const int due_ms =
      companion == nullptr ? -1 : PollTimeout(companion->due(), Clock::System().Read().boot);
  if (has_pidfd) return due_ms;
  return due_ms < 0 ? kLookMs : std::min(due_ms, kLookMs);
}

// Returns when the child has ended, having passed on what came meanwhile.
ChildEnd Attend(const Spawned& child, Signals& signals, Companion* companion) {
  for (;;) {
    // poll(2) passes over negative descriptors.
    pollfd waits[] = {{signals.fd(), POLLIN, 0},
                      {child.pidfd.get(), POLLIN, 0},
                      {companion == nullptr ? -1 : companion->fd(), POLLIN, 0}};
    poll(waits, std::size(waits), LookTimeout(child.pidfd.valid(), companion));
    while (const auto arrived = signals.Next()) {
      if (!arrived->from_terminal) kill(child.pid, arrived->signal);
    }
    if (HasEnded(child.pid)) return WaitFor(child);
    if (companion != nullptr) companion->Attend(Clock::System().Read().boot);
  }
}

}  // namespace

bool HasEnded(pid_t pid) {
  siginfo_t info{};
  return waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == pid;
}

ChildEnd WaitFor(const Spawned& child) {
  ChildEnd end{.exec_errno = child.exec_errno};
  int status = 0;
  while (waitpid(child.pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status)) {
    end.signal = WTERMSIG(status);
  } else {
    end.exit_status = WEXITSTATUS(status);
  }
  return end;
}

absl::StatusOr<ChildEnd> RunChild(const std::vector<std::string>& command, const Variables& extra,
                                  Signals& signals, Companion* companion) {
  ZB_ASSIGN_OR_RETURN(const Spawned child, Spawn({.command = command, .extra = extra}, signals));
  return Attend(child, signals, companion);
}

int EndAs(const ChildEnd& end, const std::string& name, const Signals& signals) {
  if (end.exec_errno != 0) {
    Say(absl::StrCat(name, ": ", strerrordesc_np(end.exec_errno)));
    return end.exec_errno == ENOENT ? kExitNotFound : kExitCannotRun;
  }
  if (end.signal != 0) signals.DieBy(end.signal);
  return end.exit_status;
}

}  // namespace zbroker::process
