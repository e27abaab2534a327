#include "shims/init/programs.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/base/fd.h"
#include "client/base/paths.h"
#include "client/base/status.h"
#include "client/base/unix_socket.h"

namespace zbroker::init {
namespace {

constexpr size_t kOutputBytesMax = 16 << 10;

// Beside us, or where packages put what people run; else as PATH has it.
std::string FindProgram(const std::string& name) {
  for (const char* const place : {"/", "/../../bin/"}) {
    std::string path = absl::StrCat(ExecutableDirectory(), place, name);
    if (access(path.c_str(), X_OK) == 0) return path;
  }
  return name;
}

struct End {
  int exit_status = -1;  // -1: killed
  std::string output;    // both of its outputs
};

// Standard input is empty; the descriptors that are not closed at exec are the program's too.
absl::StatusOr<End> Run(std::vector<std::string> command) {
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
  End end;
  if (WIFEXITED(status)) end.exit_status = WEXITSTATUS(status);
  end.output.resize(kOutputBytesMax);
  const ssize_t size = pread(output.get(), end.output.data(), end.output.size(), 0);
  end.output.resize(size > 0 ? static_cast<size_t>(size) : 0);
  absl::StripAsciiWhitespace(&end.output);
  return end;
}

}  // namespace

absl::Status CheckConfig(absl::string_view text, const std::string& path) {
  // Not closed at exec: the daemon opens it by its number.
  const Fd draft(memfd_create("config.toml", 0));
  if (!draft.valid()) return ErrnoToStatus(errno, "can't make a file in memory");
  const ssize_t size = write(draft.get(), text.data(), text.size());
  if (size != static_cast<ssize_t>(text.size())) return ErrnoToStatus(errno, "a file in memory");
  const std::string name = absl::StrCat("/proc/self/fd/", draft.get());
  ZB_ASSIGN_OR_RETURN(const End end, Run({"zbrokerd", "--check-config", name}));
  if (end.exit_status == 0) return absl::OkStatus();
  if (end.exit_status != 1) {
    return absl::UnavailableError(
        absl::StrCat("zbrokerd could not check the configuration: ", end.output));
  }
  return absl::FailedPreconditionError(absl::StrReplaceAll(end.output, {{name, path}}));
}

bool DaemonRuns() {
  const auto socket = SocketPath();
  return socket.ok() && ConnectUnix(*socket).ok();
}

absl::StatusOr<std::string> ReloadDaemon() {
  ZB_ASSIGN_OR_RETURN(const End end, Run({"zctl", "reload"}));
  if (end.exit_status == 0) return end.output;
  return absl::FailedPreconditionError(end.output);
}

}  // namespace zbroker::init
