#include "tests/testing/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/base/paths.h"
#include "client/base/process.h"

namespace zbroker::testing {
namespace {

std::vector<std::string> Environment(const EnvironmentVariables& extra) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!absl::StartsWith(*entry, "ZBROKER_") && !absl::StartsWith(*entry, "ZLEASE_")) {
      all.emplace_back(*entry);
    }
  }
  // The last of two wins nowhere in particular, so take the former out.
  for (const auto& [name, value] : extra) {
    const std::string beginning = absl::StrCat(name, "=");
    std::erase_if(all,
                  [&](const std::string& entry) { return absl::StartsWith(entry, beginning); });
    all.push_back(absl::StrCat(beginning, value));
  }
  return all;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& one : strings) pointers.push_back(one.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::string ReadAll(const Fd& fd) {
  std::string content;
  char buffer[16 << 10];
  for (off_t at = 0;;) {
    const ssize_t size = pread(fd.get(), buffer, sizeof buffer, at);
    if (size <= 0) return content;
    content.append(buffer, static_cast<size_t>(size));
    at += size;
  }
}

}  // namespace

const std::string& BinDirectory() {
  static const std::string* const directory = new std::string(ExecutableDirectory());
  return *directory;
}

std::string Program(const std::string& name) { return absl::StrCat(BinDirectory(), "/", name); }

bool WaitUntil(const std::function<bool()>& condition, absl::Duration timeout) {
  const absl::Time until = absl::Now() + timeout;
  while (!condition()) {
    if (absl::Now() > until) return false;
    poll(nullptr, 0, 5);
  }
  return true;
}

Process Process::Start(const std::vector<std::string>& argv, const EnvironmentVariables& extra) {
  std::vector<std::string> arguments = argv;
  std::vector<std::string> environment = Environment(extra);
  const std::vector<char*> argv_pointers = Pointers(arguments);
  const std::vector<char*> environment_pointers = Pointers(environment);
  Process process;
  process.out_ = Fd(memfd_create("out", MFD_CLOEXEC));
  process.err_ = Fd(memfd_create("err", MFD_CLOEXEC));
  process.begin_ = absl::Now();
  process.pid_ = fork();
  if (process.pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
    dup2(process.out_.get(), STDOUT_FILENO);
    dup2(process.err_.get(), STDERR_FILENO);
    execvpe(argv_pointers[0], argv_pointers.data(), environment_pointers.data());
    _exit(127);
  }
  process.pidfd_ = OpenPidfd(process.pid_);
  return process;
}

Process& Process::operator=(Process&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(pidfd_, other.pidfd_);
  std::swap(out_, other.out_);
  std::swap(err_, other.err_);
  std::swap(begin_, other.begin_);
  return *this;
}

Process::~Process() {
  if (!pidfd_.valid() || pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

bool Process::Running() const {
  pollfd ended{pidfd_.get(), POLLIN, 0};
  return pid_ > 0 && poll(&ended, 1, 0) == 0;
}

void Process::Signal(int signal) const { kill(pid_, signal); }

std::string Process::Out() const { return ReadAll(out_); }
std::string Process::Err() const { return ReadAll(err_); }

Process::End Process::Wait(absl::Duration timeout) {
  pollfd ended{pidfd_.get(), POLLIN, 0};
  if (poll(&ended, 1, static_cast<int>(absl::ToInt64Milliseconds(timeout))) == 0) {
    ADD_FAILURE() << "process " << pid_ << " did not end in time; stderr: " << Err();
    kill(pid_, SIGKILL);
  }
  int status = 0;
  waitpid(pid_, &status, 0);
  End end{.out = Out(), .err = Err(), .took = absl::Now() - begin_};
  if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
  if (WIFEXITED(status)) end.exit_status = WEXITSTATUS(status);
  pid_ = -1;
  return end;
}

size_t ResidentBytes(pid_t pid) {
  std::ifstream sizes(absl::StrCat("/proc/", pid, "/statm"));
  size_t all = 0;
  size_t resident = 0;
  sizes >> all >> resident;
  return resident * static_cast<size_t>(getpagesize());
}

Process::End RunProgram(const std::vector<std::string>& argv, const EnvironmentVariables& extra) {
  return Process::Start(argv, extra).Wait();
}

}  // namespace zbroker::testing
