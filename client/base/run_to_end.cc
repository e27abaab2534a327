#include "client/base/run_to_end.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/base/fd.h"
#include "client/base/paths.h"
#include "client/base/status.h"

namespace zbroker {

std::string FindProgram(const std::string& name) {
  for (const char* const place : {"/", "/../../bin/"}) {
    std::string path = absl::StrCat(ExecutableDirectory(), place, name);
    if (access(path.c_str(), X_OK) == 0) return path;
  }
  return name;
}

absl::StatusOr<ProgramEnd> RunToEnd(std::vector<std::string> command, size_t output_max) {
  const Fd output(memfd_create("output", MFD_CLOEXEC));
  if (!output.valid()) return ErrnoToStatus(errno, "can't make a file in memory");
  command[0] = FindProgram(command[0]);
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output.get(), STDERR_FILENO);
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    return absl::UnavailableError(
        absl::StrCat(ErrnoToStatus(error, command[0]).message(), ": install zbroker again"));
  }
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  ProgramEnd end;
  if (WIFEXITED(status)) end.exit_status = WEXITSTATUS(status);
  end.output.resize(output_max);
  const ssize_t size = pread(output.get(), end.output.data(), end.output.size(), 0);
  end.output.resize(size > 0 ? static_cast<size_t>(size) : 0);
  absl::StripAsciiWhitespace(&end.output);
  return end;
}

}  // namespace zbroker
