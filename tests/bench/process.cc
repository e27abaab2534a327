#include "tests/bench/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/base/status.h"
#include "tests/bench/samples.h"

namespace zbroker::bench {
namespace {

constexpr int kCanNotRun = 127;

std::vector<char*> Pointers(const std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (const std::string& one : strings) pointers.push_back(const_cast<char*>(one.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// Between fork and exec: nothing here may allocate.
[[noreturn]] void BecomeCommand(char* const* argv, char* const* envp, const char* log, int output,
                                pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(kCanNotRun);
  const int input = open("/dev/null", O_RDONLY);
  const int errors = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(input, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(errors, STDERR_FILENO);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execve(argv[0], argv, envp);
  _exit(kCanNotRun);
}

// The number of kilobytes after "<name>:" in a file of /proc.
absl::StatusOr<double> ReadMegabytes(const std::string& path, const std::string& name) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    double kilobytes = 0;
    if (!absl::StartsWith(line, name)) continue;
    const size_t begin = line.find_first_of("0123456789");
    const size_t end = line.find(' ', begin);
    if (begin != std::string::npos &&
        absl::SimpleAtod(line.substr(begin, end - begin), &kilobytes)) {
      return kilobytes * 1024 / 1e6;
    }
  }
  return absl::NotFoundError(absl::StrCat("no ", name, " in ", path));
}

}  // namespace

absl::StatusOr<Child> Child::Start(const Command& command) {
  std::vector<std::string> environment = command.environment;
  for (char** entry = environ; *entry != nullptr; ++entry) environment.emplace_back(*entry);
  const std::vector<char*> argv = Pointers(command.arguments);
  const std::vector<char*> envp = Pointers(environment);
  const std::string log = command.log.empty() ? "/dev/null" : command.log;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return ErrnoToStatus(errno, "can't make a pipe");
  Fd read_end(ends[0]);
  const Fd write_end(ends[1]);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) return ErrnoToStatus(errno, "can't fork");
  if (pid == 0) BecomeCommand(argv.data(), envp.data(), log.c_str(), write_end.get(), parent);
  return Child(pid, std::move(read_end));
}

Child& Child::operator=(Child&& other) noexcept {
  if (this != &other) {
    Kill();
    pid_ = std::exchange(other.pid_, 0);
    output_ = std::move(other.output_);
  }
  return *this;
}

absl::StatusOr<std::string> Child::ReadLine(absl::Duration patience) {
  const Instant begin = ReadClock();
  std::string line;
  for (;;) {
    const absl::Duration left = patience - Between(begin, ReadClock());
    pollfd wait{output_.get(), POLLIN, 0};
    if (left <= absl::ZeroDuration() ||
        poll(&wait, 1, static_cast<int>(absl::ToInt64Milliseconds(left)) + 1) == 0) {
      return absl::DeadlineExceededError(absl::StrCat("process ", pid_, " says nothing"));
    }
    char byte = 0;
    const ssize_t size = read(output_.get(), &byte, 1);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return absl::UnavailableError(absl::StrCat("process ", pid_, " ended"));
    if (byte == '\n') return line;
    line.push_back(byte);
  }
}

void Child::Signal(int signal) const {
  if (pid_ > 0) kill(pid_, signal);
}

absl::Status Child::Wait() {
  const pid_t pid = std::exchange(pid_, 0);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return ErrnoToStatus(errno, "can't wait for a child");
  }
  if (WIFSIGNALED(status)) {
    return absl::AbortedError(absl::StrCat("ended by signal ", WTERMSIG(status)));
  }
  if (WEXITSTATUS(status) == kCanNotRun) return absl::AbortedError("can't be run");
  if (WEXITSTATUS(status) != 0) {
    return absl::AbortedError(absl::StrCat("exit status ", WEXITSTATUS(status)));
  }
  return absl::OkStatus();
}

void Child::Kill() {
  if (pid_ == 0) return;
  Signal(SIGKILL);
  Wait().IgnoreError();
}

absl::StatusOr<absl::Duration> Time(const Command& command) {
  const Instant begin = ReadClock();
  ZB_ASSIGN_OR_RETURN(Child child, Child::Start(command));
  const absl::Status status = child.Wait();
  const absl::Duration length = Between(begin, ReadClock());
  if (!status.ok()) return Annotate(status, command.arguments[0]);
  return length;
}

absl::StatusOr<MemoryUse> ReadMemoryUse(pid_t pid) {
  const std::string directory = absl::StrCat("/proc/", pid);
  MemoryUse use;
  ZB_ASSIGN_OR_RETURN(use.resident_mb, ReadMegabytes(absl::StrCat(directory, "/status"), "VmRSS:"));
  ZB_ASSIGN_OR_RETURN(use.proportional_mb,
                      ReadMegabytes(absl::StrCat(directory, "/smaps_rollup"), "Pss:"));
  return use;
}

}  // namespace zbroker::bench
