#include "shims/mcp/descriptors.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/base/status.h"

namespace zbroker::mcp {
namespace {

void SetNonBlocking(const Fd& fd) {
  fcntl(fd.get(), F_SETFL, fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
}

// A description of its own. Not of files: it would begin at their start.
Fd OpenAnew(int number) {
  struct stat info {};
  if (fstat(number, &info) != 0 || !(S_ISFIFO(info.st_mode) || S_ISCHR(info.st_mode))) return Fd();
  const std::string path = absl::StrCat("/proc/self/fd/", number);
  const int mode = number == STDIN_FILENO ? O_RDONLY : O_WRONLY;
  return Fd(open(path.c_str(), mode | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
}

}  // namespace

absl::StatusOr<Fd> TakeStandard(int number) {
  Fd fd = OpenAnew(number);
  if (!fd.valid()) {
    fd = Fd(fcntl(number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
    if (!fd.valid()) {
      return ErrnoToStatus(errno, number == STDIN_FILENO ? "standard input" : "standard output");
    }
    SetNonBlocking(fd);
  }
  const Fd nowhere(open("/dev/null", O_RDWR | O_CLOEXEC));
  if (nowhere.valid()) dup2(nowhere.get(), number);
  return fd;
}

absl::StatusOr<ServerPipes> MakeServerPipes() {
  int input[2];
  int output[2];
  if (pipe2(input, O_CLOEXEC) != 0) return ErrnoToStatus(errno, "can't make a pipe");
  ServerPipes pipes{.server_input = Fd(input[0]), .to_server = Fd(input[1])};
  if (pipe2(output, O_CLOEXEC) != 0) return ErrnoToStatus(errno, "can't make a pipe");
  pipes.server_output = Fd(output[1]);
  pipes.from_server = Fd(output[0]);
  SetNonBlocking(pipes.to_server);
  SetNonBlocking(pipes.from_server);
  return pipes;
}

}  // namespace zbroker::mcp
