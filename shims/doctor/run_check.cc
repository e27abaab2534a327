#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/base/fd.h"
#include "client/base/paths.h"
#include "shims/doctor/looks.h"

namespace zbroker::doctor {
namespace {

using Verdict = LedgerFacts::Verdict;

constexpr size_t kOutputBytesMax = size_t{64} << 10;

// Beside us, or where it is when packages have put us where people don't look; else in PATH.
std::string FindDaemonProgram() {
  for (const absl::string_view place : {"/", "/../../bin/"}) {
    std::string path = absl::StrCat(ExecutableDirectory(), place, "zbrokerd");
    if (access(path.c_str(), X_OK) == 0) return path;
  }
  return "zbrokerd";
}

// Writes to `output` and reads nothing. An errno if it can't be started.
int Spawn(std::vector<std::string> arguments, int output, pid_t* pid) {
  std::vector<char*> pointers;
  for (std::string& one : arguments) pointers.push_back(one.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  const int error = posix_spawnp(pid, pointers[0], &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

// Until its end, or the deadline. True: all of it.
bool ReadUntil(const Fd& fd, Deadline deadline, std::string& text) {
  char buffer[4096];
  while (text.size() < kOutputBytesMax) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd readable{fd.get(), POLLIN, 0};
    const int ready = poll(&readable, 1, static_cast<int>(std::max<int64_t>(left.count(), 0)));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return false;
    const ssize_t size = read(fd.get(), buffer, sizeof buffer);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return true;
    text.append(buffer, static_cast<size_t>(size));
  }
  return false;
}

CheckSeen Unread(const std::string& why) {
  CheckSeen seen;
  seen.ledger.verdict = Verdict::kUnread;
  seen.ledger.words = why;
  return seen;
}

}  // namespace

CheckSeen ParseCheck(const std::string& text, bool is_late) {
  CheckSeen seen = Unread(is_late ? "it takes longer than there was time for"
                                  : "`zbrokerd --check` did not say so");
  seen.ledger.is_late = is_late;
  std::vector<std::string> lines = absl::StrSplit(text, '\n');
  lines.pop_back();  // what has no end yet
  for (const std::string& line : lines) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(line, absl::MaxSplits(": ", 1));
    const auto& [what, words] = parts;
    int64_t seconds = 0;
    if (what == "configuration" && words != "sound") seen.config_mistake = words;
    if (what == "configuration unread") seen.config_unread = words;
    if (what == "clock step" && absl::SimpleAtoi(words, &seconds)) {
      seen.ledger.clock_step = absl::Seconds(seconds);
    }
    if (what == "clock behind" && absl::SimpleAtoi(words, &seconds)) {
      seen.ledger.clock_behind = absl::Seconds(seconds);
    }
    if (what != "ledger" && what != "ledger unread") continue;
    seen.ledger.is_late = false;
    seen.ledger.words = words;
    seen.ledger.verdict = what == "ledger unread" ? Verdict::kUnread
                          : words == "sound"      ? Verdict::kSound
                          : words == "none"       ? Verdict::kNone
                                                  : Verdict::kDamaged;
  }
  return seen;
}

CheckSeen RunCheck(const std::string& state_directory, const std::string& config_file,
                   Deadline deadline) {
  std::vector<std::string> arguments = {FindDaemonProgram(), "--check", "--state-dir",
                                        state_directory};
  if (!config_file.empty()) arguments.insert(arguments.end(), {"--config", config_file});
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return Unread(strerror(errno));
  const Fd read_end(ends[0]);
  Fd write_end(ends[1]);
  pid_t pid = 0;
  if (const int error = Spawn(arguments, write_end.get(), &pid); error != 0) {
    return Unread(absl::StrCat(arguments[0], ": ", strerror(error)));
  }
  write_end.Reset();
  std::string text;
  const bool has_ended = ReadUntil(read_end, deadline, text);
  if (!has_ended) kill(pid, SIGKILL);
  // One that hangs in the kernel, as on a file system whose server is gone, is not waited for.
  waitpid(pid, nullptr, has_ended ? 0 : WNOHANG);
  return ParseCheck(text, !has_ended);
}

}  // namespace zbroker::doctor
