#include "shims/zlease/child.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/base/process.h"
#include "client/base/status.h"

namespace zbroker::zlease {
namespace {

// The environment with `extra` in place of what has the same names.
std::vector<std::string> Environment(
    const std::vector<std::pair<std::string, std::string>>& extra) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    bool replaced = false;
    for (const auto& [name, value] : extra) {
      replaced |= strncmp(*entry, name.c_str(), name.size()) == 0 && (*entry)[name.size()] == '=';
    }
    if (!replaced) all.emplace_back(*entry);
  }
  for (const auto& [name, value] : extra) all.push_back(absl::StrCat(name, "=", value));
  return all;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& one : strings) pointers.push_back(one.data());
  pointers.push_back(nullptr);
  return pointers;
}

ChildEnd Wait(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status)) return {.signal = WTERMSIG(status)};
  return {.exit_status = WEXITSTATUS(status)};
}

// Returns when the child has ended, having passed on what came meanwhile.
ChildEnd Attend(pid_t pid, Signals& signals) {
  const Fd pidfd = OpenPidfd(pid);
  for (;;) {
    pollfd waits[2] = {{signals.fd(), POLLIN, 0}, {pidfd.get(), POLLIN, 0}};
    // Without pidfds (kernels before 5.3) look twenty times a second.
    poll(waits, pidfd.valid() ? 2 : 1, pidfd.valid() ? -1 : 50);
    while (const auto arrived = signals.Next()) {
      if (!arrived->from_terminal) kill(pid, arrived->signal);
    }
    siginfo_t info{};
    if (waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
        info.si_pid == pid) {
      return Wait(pid);
    }
  }
}

}  // namespace

absl::Status FindCommand(const std::string& name) {
  const auto runs = [](const std::string& path) {
    struct stat info {};
    return stat(path.c_str(), &info) == 0 && !S_ISDIR(info.st_mode);
  };
  if (absl::StrContains(name, '/')) {
    return runs(name) ? absl::OkStatus() : absl::NotFoundError("no such file");
  }
  const char* path = getenv("PATH");
  for (const absl::string_view dir :
       absl::StrSplit(path == nullptr ? "/bin:/usr/bin" : path, ':')) {
    if (runs(absl::StrCat(dir.empty() ? "." : dir, "/", name))) return absl::OkStatus();
  }
  return absl::NotFoundError("command not found");
}

absl::StatusOr<ChildEnd> RunChild(const std::vector<std::string>& command,
                                  const std::vector<std::pair<std::string, std::string>>& extra,
                                  Signals& signals) {
  std::vector<std::string> arguments = command;
  std::vector<std::string> environment = Environment(extra);
  const std::vector<char*> argv = Pointers(arguments);
  const std::vector<char*> envp = Pointers(environment);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return ErrnoToStatus(errno, "can't make a pipe");
  const Fd read_end(ends[0]);
  Fd write_end(ends[1]);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) return ErrnoToStatus(errno, "can't fork");
  if (pid == 0) {
    // If we are killed the slot goes to somebody else, so the command must not go on using it.
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) _exit(kill(getpid(), SIGTERM));
    signals.RestoreInChild();
    execvpe(argv[0], argv.data(), envp.data());
    const int error = errno;
    [[maybe_unused]] const ssize_t size = write(write_end.get(), &error, sizeof error);
    _exit(127);
  }
  write_end.Reset();
  int exec_errno = 0;
  const bool failed = read(read_end.get(), &exec_errno, sizeof exec_errno) > 0;
  ChildEnd end = Attend(pid, signals);
  if (failed) end.exec_errno = exec_errno;
  return end;
}

}  // namespace zbroker::zlease
