#include "daemon/hooks/child.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/base/status.h"

extern char** environ;

namespace zbroker::hooks {
namespace {

// Debian 12's C library has these, older headers not.
constexpr int kWaitPidfd = 3;  // P_PIDFD

absl::StatusOr<pid_t> Spawn(const std::vector<std::string>& command, int input) {
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const std::string& one : command) arguments.push_back(const_cast<char*>(one.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // The daemon blocks signals and ignores some; a program expects neither.
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  pid_t pid = 0;
  const int error =
      posix_spawn(&pid, arguments[0], &actions, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return ErrnoToStatus(error, command[0]);
  return pid;
}

}  // namespace

absl::StatusOr<Child> Child::Start(const std::vector<std::string>& command,
                                   const std::string& input, BootTime deadline) {
  if (input.size() > kInputMax) return absl::InvalidArgumentError("more than a hook is told");
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return ErrnoToStatus(errno, "a pipe");
  const Fd reading(ends[0]);
  const Fd writing(ends[1]);
  ssize_t written = 0;
  do {
    written = write(writing.get(), input.data(), input.size());
  } while (written < 0 && errno == EINTR);
  if (written != static_cast<ssize_t>(input.size())) return ErrnoToStatus(errno, "a pipe");
  ZB_ASSIGN_OR_RETURN(const pid_t pid, Spawn(command, reading.get()));
  Fd end(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!end.valid()) {
    const absl::Status status = ErrnoToStatus(errno, "pidfd_open");
    kill(-pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    return status;
  }
  return Child(pid, std::move(end), deadline);
}

std::optional<absl::Status> Child::Look(BootTime now) {
  siginfo_t info{};
  const int waited = waitid(static_cast<idtype_t>(kWaitPidfd), static_cast<id_t>(end_.get()), &info,
                            WEXITED | WNOHANG);
  if (waited != 0 && errno != EINTR) return ErrnoToStatus(errno, "waiting for it");
  if (waited != 0 || info.si_pid == 0) {
    if (now >= deadline_ && !std::exchange(killed_, true)) kill(-pid_, SIGKILL);
    return std::nullopt;
  }
  if (killed_) return absl::DeadlineExceededError("it took too long, and was killed");
  if (info.si_code != CLD_EXITED) {
    return absl::AbortedError(absl::StrCat("it was killed by signal ", info.si_status));
  }
  if (info.si_status == 0) return absl::OkStatus();
  return absl::AbortedError(absl::StrCat(
      "exit status ", info.si_status,
      info.si_status == 127 ? ": no such program" : "; what it said is in the daemon's log"));
}

}  // namespace zbroker::hooks
