#include "client/broker/daemon_starter.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/base/container.h"
#include "client/base/log.h"
#include "client/base/paths.h"
#include "client/base/process.h"
#include "client/base/start_report.h"
#include "client/base/status.h"
#include "client/base/text.h"
#include "client/base/unix_socket.h"

namespace zbroker::broker {
namespace {

constexpr char kFailedStart[] = "zbroker/failed-start";
// The daemon's end of the report.
constexpr int kReportFd = 3;

absl::Status FailedStart(const absl::Status& why) {
  absl::Status status =
      absl::UnavailableError(absl::StrCat("the zbroker daemon can't start: ", why.message()));
  status.SetPayload(kFailedStart, absl::Cord());
  return status;
}

std::string ReadFirstLine(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return "";
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return EscapeControls(line);
}

// Of what begins at an offset. Empty when there is nothing.
std::string ReadLastLine(const std::string& path, off_t begin) {
  std::ifstream file(path);
  file.seekg(begin);
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

// Our environment, and where the daemon finds the descriptor of its report.
std::vector<std::string> DaemonEnvironment() {
  const std::string ours = absl::StrCat(kStartReportVariable, "=");
  std::vector<std::string> variables = {absl::StrCat(ours, kReportFd)};
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (!absl::StartsWith(*variable, ours)) variables.emplace_back(*variable);
  }
  return variables;
}

// Runs in the daemon-to-be: only calls that are safe after a fork of a threaded process.
[[noreturn]] void BecomeDaemon(const char* program, char* const* environment, int log_fd,
                               int report_fd) {
  sigset_t none;
  sigemptyset(&none);
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int null_fd = open("/dev/null", O_RDWR);
  if (null_fd < 0 || dup2(null_fd, 0) < 0 || dup2(log_fd, 1) < 0 || dup2(log_fd, 2) < 0 ||
      chdir("/") != 0) {
    _exit(126);
  }
  if (report_fd != kReportFd && dup2(report_fd, kReportFd) < 0) _exit(126);
  fcntl(kReportFd, F_SETFD, 0);
  close_range(kReportFd + 1, ~0U, CLOSE_RANGE_CLOEXEC);
  char name[] = "zbrokerd";
  char* const arguments[] = {name, nullptr};
  execvpe(program, arguments, environment);
  const StartReportHead report{.exec_errno = errno};
  [[maybe_unused]] const ssize_t size = write(kReportFd, &report, sizeof report);
  _exit(127);
}

// A daemon in this container would refuse to use the directory.
bool IsOfMachineOutside(const std::string& state_directory) {
  return IsInContainer() && IsMachines(state_directory, ReadBootId());
}

}  // namespace

// A socket that is not in the state directory, in a container: it was mounted.
bool DaemonStarter::IsOutside() const {
  const auto state = StateDirectory();
  const bool elsewhere = !state.ok() || !absl::StartsWith(socket_path_, absl::StrCat(*state, "/"));
  return elsewhere && IsInContainer();
}

bool DaemonStarter::MayStart() const {
  if (socket_path_ == kSystemSocket || IsOutside()) return false;
  const auto state = StateDirectory();
  return state.ok() && access(absl::StrCat(*state, "/", kServiceMarker).c_str(), F_OK) != 0 &&
         !IsOfMachineOutside(*state);
}

absl::Status DaemonStarter::Tend() {
  const BootTime now = clock_.Read().boot;
  if (report_.valid()) {
    const std::optional<absl::Status> end = ReadStartReport(report_.get(), program_);
    if (!end) return absl::OkStatus();
    report_.Reset();
    start_again_at_ = now + pause_.Next();
    if (end->ok()) {
      setback_ = absl::UnavailableError(
          "the zbrokerd that was started has ended without saying why: was it killed?");
    } else if (absl::IsAlreadyExists(*end)) {
      setback_ = *end;  // the other one may be about to end, and has closed its socket
    } else {
      return FailedStart(*end);
    }
  }
  if (now < start_again_at_) return absl::OkStatus();
  if (absl::Status status = Start(); !status.ok()) return FailedStart(status);
  return absl::OkStatus();
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
  if (!lock_.valid()) {
    const std::string lock_path = absl::StrCat(state_dir_, "/start.lock");
    Fd lock(open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!lock.valid()) return ErrnoToStatus(errno, absl::StrCat("can't open ", lock_path));
    if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return absl::OkStatus();
    lock_ = std::move(lock);
  }
  // Another client may have started it between our look and our lock.
  if (ConnectUnix(socket_path_).ok()) return absl::OkStatus();
  const std::string beside = absl::StrCat(ExecutableDirectory(), "/zbrokerd");
  program_ = access(beside.c_str(), X_OK) == 0 ? beside : "zbrokerd";
  return Launch(absl::StrCat(state_dir_, "/zbrokerd.log"));
}

absl::Status DaemonStarter::Launch(const std::string& log_path) {
  MoveAsideIfLarge(log_path);
  // A pipe in its place must not make us wait for a reader.
  const Fd log(
      open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0600));
  if (!log.valid()) return ErrnoToStatus(errno, absl::StrCat("can't open ", log_path));
  struct stat info {};
  if (log_begin_ < 0 && fstat(log.get(), &info) == 0) log_begin_ = info.st_size;
  std::vector<std::string> variables = DaemonEnvironment();
  std::vector<char*> environment;
  for (std::string& variable : variables) environment.push_back(variable.data());
  environment.push_back(nullptr);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return ErrnoToStatus(errno, "can't make a pipe");
  report_ = Fd(ends[0]);
  const Fd write_end(ends[1]);
  fcntl(report_.get(), F_SETFL, O_NONBLOCK);
  // Two forks: the daemon's parent is gone at once, so it is nobody's child to wait for.
  const pid_t middle = fork();
  if (middle < 0) return ErrnoToStatus(errno, "can't fork");
  if (middle == 0) {
    setsid();
    const pid_t daemon = fork();
    if (daemon == 0) {
      BecomeDaemon(program_.c_str(), environment.data(), log.get(), write_end.get());
    }
    _exit(daemon < 0 ? 1 : 0);
  }
  while (waitpid(middle, nullptr, 0) < 0 && errno == EINTR) {
  }
  return absl::OkStatus();
}

std::string DaemonStarter::Advice() const {
  if (IsOutside()) {
    return "it is outside of this container: start it there (`zctl status`), and mount the "
           "directory of its socket rather than the socket, which each start makes anew";
  }
  if (socket_path_ == kSystemSocket) {
    return "the machine-wide service runs it: see `systemctl status zbrokerd`";
  }
  const auto state = StateDirectory();
  if (state.ok() && IsOfMachineOutside(*state)) {
    return absl::StrCat("the daemon of ", *state,
                        " runs outside of this container: start it there (`zctl status`); if "
                        "nobody outside uses the account, name another state directory in here "
                        "with ZBROKER_STATE_DIR");
  }
  if (state.ok() && !MayStart()) {
    const std::string command = ReadFirstLine(absl::StrCat(*state, "/", kServiceMarker));
    return absl::StrCat("a service manager runs it: see `", command, "`");
  }
  if (state_dir_.empty()) return "start it with `zbrokerd`";
  const std::string log = absl::StrCat(state_dir_, "/zbrokerd.log");
  // Older lines are another daemon's, and tell of another time.
  const std::string last = log_begin_ < 0 ? "" : ReadLastLine(log, log_begin_);
  return last.empty() ? absl::StrCat("see ", log)
                      : absl::StrCat("the last line of ", log, " is: ", last);
}

bool IsFailedStart(const absl::Status& status) {
  return status.GetPayload(kFailedStart).has_value();
}

}  // namespace zbroker::broker
