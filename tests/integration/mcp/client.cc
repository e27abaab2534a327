#include "tests/integration/mcp/client.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/base/process.h"

namespace zbroker::testing {
namespace {

// { read, write }
std::pair<Fd, Fd> Channel(bool sockets) {
  int ends[2];
  const int made =
      sockets ? socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) : pipe2(ends, O_CLOEXEC);
  EXPECT_EQ(made, 0);
  // Where there are many bytes, in fewer steps.
  if (!sockets) fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);
  return {Fd(ends[0]), Fd(ends[1])};
}

}  // namespace

McpClient::McpClient(const std::vector<std::string>& argv, const EnvironmentVariables& extra,
                     bool sockets) {
  signal(SIGPIPE, SIG_IGN);
  auto [input, to_server] = Channel(sockets);
  auto [from_server, output] = Channel(sockets);
  err_ = Fd(memfd_create("err", MFD_CLOEXEC));
  std::vector<std::string> arguments = argv;
  std::vector<char*> pointers;
  for (std::string& one : arguments) pointers.push_back(one.data());
  pointers.push_back(nullptr);
  pid_ = fork();
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_DFL);
    dup2(input.get(), STDIN_FILENO);
    dup2(output.get(), STDOUT_FILENO);
    dup2(err_.get(), STDERR_FILENO);
    for (const char* const name : {"ZLEASE_PARENT", "ZLEASE_GATEWAY", "ZLEASE_PRIORITY"}) {
      unsetenv(name);
    }
    for (const auto& [name, value] : extra) setenv(name.c_str(), value.c_str(), 1);
    execvp(pointers[0], pointers.data());
    _exit(127);
  }
  pidfd_ = OpenPidfd(pid_);
  to_server_ = std::move(to_server);
  from_server_ = std::move(from_server);
  fcntl(to_server_.get(), F_SETFL, O_NONBLOCK);
}

McpClient::~McpClient() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

size_t McpClient::SendSome(absl::string_view bytes) const {
  const ssize_t size = write(to_server_.get(), bytes.data(), bytes.size());
  return size > 0 ? static_cast<size_t>(size) : 0;
}

bool McpClient::AwaitRoom(absl::Duration longest) const {
  pollfd ready{to_server_.get(), POLLOUT, 0};
  return poll(&ready, 1, static_cast<int>(absl::ToInt64Milliseconds(longest))) == 1;
}

bool McpClient::Send(absl::string_view bytes) const {
  while (!bytes.empty()) {
    if (!AwaitRoom()) return false;
    const ssize_t size = write(to_server_.get(), bytes.data(), bytes.size());
    if (size < 0) return false;
    bytes.remove_prefix(static_cast<size_t>(size));
  }
  return true;
}

bool McpClient::Receive() {
  pollfd ready{from_server_.get(), POLLIN, 0};
  if (poll(&ready, 1, static_cast<int>(absl::ToInt64Milliseconds(kPatience))) != 1) return false;
  char buffer[64 << 10];
  const ssize_t size = read(from_server_.get(), buffer, sizeof buffer);
  if (size <= 0) return false;
  received_.append(buffer, static_cast<size_t>(size));
  return true;
}

std::string McpClient::ReadLine() {
  for (size_t looked = 0;;) {
    const size_t end = received_.find('\n', looked);
    if (end != std::string::npos) {
      std::string line = received_.substr(0, end + 1);
      received_.erase(0, end + 1);
      return line;
    }
    looked = received_.size();
    if (!Receive()) return std::exchange(received_, {});
  }
}

std::string McpClient::ReadAll() {
  while (Receive()) {
  }
  return std::exchange(received_, {});
}

void McpClient::Signal(int signal) const { kill(pid_, signal); }

std::string McpClient::Err() const {
  char buffer[16 << 10];
  const ssize_t size = pread(err_.get(), buffer, sizeof buffer, 0);
  return std::string(buffer, size > 0 ? static_cast<size_t>(size) : 0);
}

int McpClient::Wait() {
  pollfd ended{pidfd_.get(), POLLIN, 0};
  if (poll(&ended, 1, static_cast<int>(absl::ToInt64Milliseconds(kPatience))) == 0) {
    ADD_FAILURE() << "process " << pid_ << " did not end in time; stderr: " << Err();
    kill(pid_, SIGKILL);
  }
  int status = 0;
  waitpid(std::exchange(pid_, -1), &status, 0);
  return status;
}

pid_t ChildOf(pid_t parent) {
  const std::string path = absl::StrCat("/proc/", parent, "/task/", parent, "/children");
  pid_t child = -1;
  WaitUntil([&] {
    std::ifstream children(path);
    return static_cast<bool>(children >> child);
  });
  return child;
}

bool IsAlive(pid_t pid) {
  const auto stat = ReadProcessStat(pid);
  return stat && stat->alive();
}

}  // namespace zbroker::testing
