#include "client/broker/daemon_starter.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "client/base/log.h"
#include "client/base/paths.h"
#include "client/base/process.h"
#include "client/base/status.h"
#include "client/base/text.h"
#include "client/base/unix_socket.h"

namespace zbroker::broker {
namespace {

// After the daemon we started has ended: for one that another client started to come up.
constexpr absl::Duration kReplacementTime = absl::Seconds(1);

std::string ReadFirstLine(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return EscapeControls(line);
}

// Empty when there is none.
std::string ReadLastLine(const std::string& path) {
  std::ifstream file(path);
  std::string last;
  for (std::string line; std::getline(file, line);) last = std::move(line);
  return EscapeControls(last);
}

void MoveAsideIfLarge(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) == 0 && info.st_size > kLogFileBytesMax) {
    rename(path.c_str(), (path + ".old").c_str());
  }
}

// What the processes between us and the daemon report.
struct Report {
  pid_t pid = 0;
  int exec_errno = 0;
};

// Runs in the daemon-to-be: only calls that are safe after a fork of a threaded process.
[[noreturn]] void BecomeDaemon(const char* program, int log_fd, int report_fd) {
  Report report{.pid = getpid()};
  [[maybe_unused]] ssize_t size = write(report_fd, &report, sizeof report);
  sigset_t none;
  sigemptyset(&none);
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int null_fd = open("/dev/null", O_RDWR);
  if (null_fd < 0 || dup2(null_fd, 0) < 0 || dup2(log_fd, 1) < 0 || dup2(log_fd, 2) < 0 ||
      chdir("/") != 0) {
    _exit(126);
  }
  // The report's descriptor included: its end tells that exec succeeded.
  close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  execlp(program, "zbrokerd", nullptr);
  report.exec_errno = errno;
  size = write(report_fd, &report, sizeof report);
  _exit(127);
}

}  // namespace

bool DaemonStarter::MayStart() const {
  if (socket_path_ == kSystemSocket) return false;
  const auto state = StateDirectory();
  return state.ok() && access(absl::StrCat(*state, "/", kServiceMarker).c_str(), F_OK) != 0;
}

absl::Status DaemonStarter::Start() {
  // The daemon works elsewhere.
  if (const char* config = getenv("ZBROKER_CONFIG");
      config != nullptr && *config != '\0' && *config != '/') {
    return absl::InvalidArgumentError(
        absl::StrCat("ZBROKER_CONFIG=", config, " is no absolute path, which begins with a /"));
  }
  ZB_ASSIGN_OR_RETURN(state_dir_, StateDirectory());
  ZB_RETURN_IF_ERROR(PreparePrivateDirectory(state_dir_));
  const std::string lock_path = absl::StrCat(state_dir_, "/start.lock");
  lock_ = Fd(open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock_.valid()) return ErrnoToStatus(errno, absl::StrCat("can't open ", lock_path));
  if (flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) return absl::OkStatus();
  // Another client may have started it between our look and our lock.
  if (ConnectUnix(socket_path_).ok()) return absl::OkStatus();
  const std::string beside = absl::StrCat(ExecutableDirectory(), "/zbrokerd");
  const std::string log_path = absl::StrCat(state_dir_, "/zbrokerd.log");
  MoveAsideIfLarge(log_path);
  return Launch(access(beside.c_str(), X_OK) == 0 ? beside : "zbrokerd", log_path);
}

absl::Status DaemonStarter::Launch(const std::string& program, const std::string& log_path) {
  const Fd log(open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!log.valid()) return ErrnoToStatus(errno, absl::StrCat("can't open ", log_path));
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return ErrnoToStatus(errno, "can't make a pipe");
  const Fd read_end(ends[0]);
  Fd write_end(ends[1]);
  // Two forks: the daemon's parent is gone at once, so it is nobody's child to wait for.
  const pid_t middle = fork();
  if (middle < 0) return ErrnoToStatus(errno, "can't fork");
  if (middle == 0) {
    setsid();
    const pid_t daemon = fork();
    if (daemon == 0) BecomeDaemon(program.c_str(), log.get(), write_end.get());
    _exit(daemon < 0 ? 1 : 0);
  }
  write_end.Reset();
  while (waitpid(middle, nullptr, 0) < 0 && errno == EINTR) {
  }
  Report report;
  while (read(read_end.get(), &report, sizeof report) == ssize_t{sizeof report}) {
    if (report.exec_errno != 0) {
      return ErrnoToStatus(report.exec_errno, absl::StrCat("can't run ", program));
    }
    pidfd_ = OpenPidfd(report.pid);
  }
  return absl::OkStatus();
}

bool DaemonStarter::Failed() const {
  if (!pidfd_.valid()) return false;
  pollfd ended{pidfd_.get(), POLLIN, 0};
  if (poll(&ended, 1, 0) <= 0) return false;
  const BootTime now = Clock::System().Read().boot;
  ended_at_ = std::min(ended_at_, now);
  return now >= ended_at_ + kReplacementTime;
}

std::string DaemonStarter::Advice() const {
  if (socket_path_ == kSystemSocket) {
    return "the machine-wide service runs it: see `systemctl status zbrokerd`";
  }
  if (const auto state = StateDirectory(); state.ok() && !MayStart()) {
    const std::string command = ReadFirstLine(absl::StrCat(*state, "/", kServiceMarker));
    return absl::StrCat("a service manager runs it: see `", command, "`");
  }
  const std::string log = absl::StrCat(state_dir_, "/zbrokerd.log");
  const std::string last = state_dir_.empty() ? "" : ReadLastLine(log);
  if (last.empty()) return "start it with `zbrokerd`";
  return absl::StrCat("the last line of ", log, " is: ", last);
}

}  // namespace zbroker::broker
