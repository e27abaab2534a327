#include "shims/process/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/base/process.h"
#include "client/base/status.h"

namespace zbroker::process {
namespace {

// The environment with `extra` in place of what has the same names.
std::vector<std::string> Environment(const Variables& extra) {
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

// In the child, before exec.
void BecomeServant(int output, const Signals& signals) {
  signals.RestoreInServant();
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  dup2(null, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
}

}  // namespace

absl::Status FindCommand(const std::string& name) {
  struct stat info {};
  if (absl::StrContains(name, '/')) {
    return stat(name.c_str(), &info) == 0 ? absl::OkStatus() : absl::NotFoundError("no such file");
  }
  const auto runs = [&](const std::string& path) {
    return stat(path.c_str(), &info) == 0 && !S_ISDIR(info.st_mode);
  };
  const char* path = getenv("PATH");
  for (const absl::string_view dir :
       absl::StrSplit(path == nullptr ? "/bin:/usr/bin" : path, ':')) {
    if (runs(absl::StrCat(dir.empty() ? "." : dir, "/", name))) return absl::OkStatus();
  }
  return absl::NotFoundError("command not found");
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (std::string& one : strings) pointers.push_back(one.data());
  pointers.push_back(nullptr);
  return pointers;
}

absl::StatusOr<Spawned> Spawn(const SpawnRequest& request, const Signals& signals) {
  std::vector<std::string> arguments = request.command;
  std::vector<std::string> environment = Environment(request.extra);
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
    if (request.servant_output >= 0) {
      BecomeServant(request.servant_output, signals);
    } else {
      signals.RestoreInChild();
    }
    if (request.input >= 0) dup2(request.input, STDIN_FILENO);
    if (request.output >= 0) dup2(request.output, STDOUT_FILENO);
    for (const int fd : request.handed_over) fcntl(fd, F_SETFD, 0);
    execvpe(argv[0], argv.data(), envp.data());
    const int error = errno;
    [[maybe_unused]] const ssize_t size = write(write_end.get(), &error, sizeof error);
    _exit(127);
  }
  write_end.Reset();
  Spawned spawned{.pid = pid, .pidfd = OpenPidfd(pid)};
  int exec_errno = 0;
  if (read(read_end.get(), &exec_errno, sizeof exec_errno) > 0) spawned.exec_errno = exec_errno;
  return spawned;
}

}  // namespace zbroker::process
