#include "shims/zlease/gateway.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "client/base/status.h"
#include "shims/process/poll_time.h"
#include "shims/process/say.h"

namespace zbroker::zlease {
namespace {

constexpr absl::Duration kStartTime = absl::Seconds(10);
constexpr absl::Duration kStopTime = absl::Seconds(3);
constexpr absl::Duration kFirstPause = absl::Milliseconds(100);
constexpr absl::Duration kLook = absl::Seconds(1);  // without pidfds
// One that has run for so long had no trouble starting.
constexpr absl::Duration kHealthy = absl::Minutes(1);
constexpr int kFailuresMax = 6;
constexpr size_t kLineBytesMax = 4096;
constexpr int kBacklog = 4096;
// Only the gateway's own environment has it: arguments are for all to see.
constexpr char kTokenVariable[] = "ZLEASE_GATEWAY_TOKEN";

BootTime BootNow() { return Clock::System().Read().boot; }

// The first line that arrives, without its end; empty when none does.
std::string ReadLine(int fd, BootTime until, process::Signals& signals, int& signal) {
  std::string text;
  while (text.size() < kLineBytesMax && BootNow() < until) {
    pollfd waits[] = {{fd, POLLIN, 0}, {signals.fd(), POLLIN, 0}};
    poll(waits, std::size(waits), process::PollTimeout(until, BootNow()));
    if (const auto arrived = signals.Next()) {
      signal = arrived->signal;
      return "";
    }
    char buffer[512];
    const ssize_t size = read(fd, buffer, sizeof buffer);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (size <= 0) return "";
    text.append(buffer, static_cast<size_t>(size));
    if (const size_t end = text.find('\n'); end != std::string::npos) return text.substr(0, end);
  }
  return "";
}

// On a port that is free.
absl::StatusOr<Fd> Listen() {
  Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (!fd.valid() ||
      bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(fd.get(), kBacklog) != 0) {
    return ErrnoToStatus(errno, "can't listen on 127.0.0.1");
  }
  return fd;
}

std::string Describe(int wait_status) {
  if (WIFSIGNALED(wait_status)) {
    const int signal = WTERMSIG(wait_status);
    return absl::StrCat("was ended by signal ", signal, " (", strsignal(signal), ")");
  }
  return absl::StrCat("ended with exit status ", WEXITSTATUS(wait_status));
}

}  // namespace

Gateway::Gateway(std::vector<std::string> command, process::Variables variables,
                 const process::Signals& signals)
    : command_(std::move(command)),
      variables_(std::move(variables)),
      signals_(signals),
      on_terminal_(isatty(STDERR_FILENO) == 1) {}

Gateway::Started Gateway::Start(std::vector<std::string> command, process::Variables variables,
                                process::Signals& signals) {
  const BootTime until = BootNow() + kStartTime;
  std::unique_ptr<Gateway> gateway(new Gateway(std::move(command), std::move(variables), signals));
  auto listener = Listen();
  if (!listener.ok()) return {.status = listener.status()};
  gateway->listener_ = *std::move(listener);
  gateway->served_ = Fd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!gateway->served_.valid()) return {.status = ErrnoToStatus(errno, "can't make an eventfd")};
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
    return {.status = ErrnoToStatus(errno, "can't make a pipe")};
  }
  const Fd read_end(ends[0]);
  Fd write_end(ends[1]);
  if (absl::Status run = gateway->Run(write_end.get()); !run.ok()) {
    return {.status = run};
  }
  write_end.Reset();
  int signal = 0;
  const std::string line = ReadLine(read_end.get(), until, signals, signal);
  if (signal != 0) return {.signal = signal};
  if (line.empty()) {
    return {.status = absl::UnavailableError(
                absl::StrCat("the gateway ", gateway->command_[0], " did not start",
                             BootNow() < until ? "; it has said why" : " within ten seconds"))};
  }
  if (absl::Status adopted = gateway->Adopt(line); !adopted.ok()) return {.status = adopted};
  return {.gateway = std::move(gateway)};
}

absl::Status Gateway::Run(int output) {
  std::vector<std::string> command = command_;
  command.insert(command.end(), {"--ephemeral", "--listen-fd", absl::StrCat(listener_.get()),
                                 "--served-fd", absl::StrCat(served_.get())});
  auto spawned = process::Spawn({.command = command,
                                 .extra = variables_,
                                 .servant_output = output,
                                 .handed_over = {listener_.get(), served_.get()}},
                                signals_);
  if (!spawned.ok()) return spawned.status();
  process_ = *std::move(spawned);
  started_ = BootNow();
  if (process_.exec_errno != 0) {
    waitpid(process_.pid, nullptr, 0);
    process_.pid = -1;
    return ErrnoToStatus(process_.exec_errno, command_[0]);
  }
  due_ = process_.pidfd.valid() ? BootTime::InfiniteFuture() : started_ + kLook;
  return absl::OkStatus();
}

absl::Status Gateway::Adopt(const std::string& line) {
  absl::string_view rest = line;
  const bool is_url = absl::ConsumePrefix(&rest, "http://");
  const std::vector<std::string> parts = absl::StrSplit(rest, '/');
  if (!is_url || parts.size() != 2 || parts[0].empty() || parts[1].empty()) {
    return absl::InternalError(
        absl::StrCat(command_[0], " did not say its URL: it is of another version than zlease"));
  }
  url_ = line;
  variables_.emplace_back(kTokenVariable, parts[1]);
  return absl::OkStatus();
}

bool Gateway::served() const {
  pollfd told{served_.get(), POLLIN, 0};
  return poll(&told, 1, 0) == 1;
}

void Gateway::Attend(BootTime now) {
  if (process_.pid > 0) {
    int wait_status = 0;
    const pid_t ended = waitpid(process_.pid, &wait_status, WNOHANG);
    if (ended == process_.pid) {
      PlanRestart(wait_status, now);
    } else if (!process_.pidfd.valid()) {
      due_ = now + kLook;
    }
  }
  if (stays_down_) {
    while (Fd(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)).valid()) {
    }
  }
  if (process_.pid > 0 || now < due_) return;
  const Fd null(open("/dev/null", O_WRONLY | O_CLOEXEC));
  // What can't be started now counts as one that ended at once.
  if (!Run(null.get()).ok()) PlanRestart(0, now);
}

void Gateway::PlanRestart(int wait_status, BootTime now) {
  failures_ = now - started_ >= kHealthy ? 1 : failures_ + 1;
  process_ = process::Spawned();
  started_ = now;
  if (failures_ > kFailuresMax) {
    due_ = BootTime::InfiniteFuture();
    stays_down_ = true;
    Tell(absl::StrCat("the gateway ", Describe(wait_status),
                      " again and stays down: no request of the command gets through"));
    return;
  }
  due_ = failures_ == 1 ? now : now + kFirstPause * (1 << (failures_ - 2));
  // Asked to end, as when the whole process group was: the command is about to end too.
  if (wait_status != 0) {
    Tell(absl::StrCat("the gateway ", Describe(wait_status), "; starting it again"));
  }
}

void Gateway::Tell(const std::string& text) {
  if (on_terminal_) {
    untold_.push_back(text);
  } else {
    process::Say(text);
  }
}

Gateway::~Gateway() {
  if (process_.pid > 0) {
    kill(process_.pid, SIGTERM);
    const BootTime until = BootNow() + kStopTime;
    while (waitpid(process_.pid, nullptr, WNOHANG) == 0) {
      if (BootNow() >= until) {
        kill(process_.pid, SIGKILL);
        waitpid(process_.pid, nullptr, 0);
        break;
      }
      pollfd ended{process_.pidfd.get(), POLLIN, 0};
      poll(&ended, 1, process_.pidfd.valid() ? process::PollTimeout(until, BootNow()) : 20);
    }
  }
  for (const std::string& text : untold_) process::Say(text);
}

}  // namespace zbroker::zlease
