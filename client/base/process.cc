#include "client/base/process.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "client/base/text.h"

namespace zbroker {
namespace {

constexpr size_t kEnvironmentBytesMax = size_t{1} << 20;
constexpr size_t kCommandLineBytesMax = 8192;
constexpr size_t kProgramBytesMax = 64;

// A file of /proc, which is made when read: one read gets all of it.
std::optional<std::string> ReadSmallFile(const std::string& path) {
  const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return std::nullopt;
  char buffer[4096];
  const ssize_t size = read(fd.get(), buffer, sizeof buffer);
  if (size < 0) return std::nullopt;
  return std::string(buffer, static_cast<size_t>(size));
}

// Until the end, or until there is so much of it.
std::string ReadUpTo(const Fd& fd, size_t bytes_max) {
  std::string text;
  std::vector<char> buffer(size_t{64} << 10);
  while (text.size() < bytes_max) {
    const ssize_t size =
        read(fd.get(), buffer.data(), std::min(buffer.size(), bytes_max - text.size()));
    if (size <= 0) break;
    text.append(buffer.data(), static_cast<size_t>(size));
  }
  return text;
}

// Wrappers hide what they start behind a dot: ".kilo", ".claude-wrapped".
std::string WithoutDot(absl::string_view name) {
  absl::string_view plain = name;
  if (!absl::ConsumePrefix(&plain, ".") || plain.empty() || plain[0] == '.') {
    return std::string(name);
  }
  // The kernel cuts names off.
  constexpr absl::string_view kWrapped = "-wrapped";
  const size_t at = plain.rfind('-');
  const bool wrapped = at != plain.npos && at > 0 && at + 2 < plain.size() &&
                       absl::StartsWith(kWrapped, plain.substr(at));
  return std::string(wrapped ? plain.substr(0, at) : plain);
}

}  // namespace

std::optional<ProcessStat> ReadProcessStat(pid_t pid) {
  if (pid <= 0) return std::nullopt;
  const auto text = ReadSmallFile(absl::StrCat("/proc/", pid, "/stat"));
  if (!text) return std::nullopt;
  // "PID (NAME) STATE PPID …": the name may hold spaces and parentheses, so find its last one.
  const size_t open_at = text->find('(');
  const size_t close_at = text->rfind(')');
  if (open_at == std::string::npos || close_at == std::string::npos) return std::nullopt;
  const std::vector<absl::string_view> fields =
      absl::StrSplit(absl::string_view(*text).substr(close_at + 1), ' ', absl::SkipEmpty());
  constexpr size_t kStartTime = 22 - 3;  // field 22 of proc(5), counted from the state, field 3
  ProcessStat stat;
  if (fields.size() <= kStartTime || !absl::SimpleAtoi(fields[kStartTime], &stat.start_ticks) ||
      !absl::SimpleAtoi(fields[1], &stat.parent)) {
    return std::nullopt;
  }
  stat.name = EscapeControls(text->substr(open_at + 1, close_at - open_at - 1));
  stat.state = fields[0][0];
  return stat;
}

std::string ReadCommandLine(pid_t pid) {
  const Fd fd(open(absl::StrCat("/proc/", pid, "/cmdline").c_str(), O_RDONLY | O_CLOEXEC));
  return fd.valid() ? ReadUpTo(fd, kCommandLineBytesMax) : "";
}

std::string ProgramName(absl::string_view name, absl::string_view command_line) {
  constexpr std::array<absl::string_view, 7> kInterpreters = {"node", "bun",  "deno",   "python",
                                                              "ruby", "perl", "ts-node"};
  constexpr std::array<absl::string_view, 6> kEndings = {".js", ".mjs", ".cjs",
                                                         ".ts", ".py",  ".rb"};
  const std::vector<absl::string_view> arguments = absl::StrSplit(command_line, '\0');
  const auto file_of = [](absl::string_view path) { return path.substr(path.rfind('/') + 1); };
  // "python3.11" is one, too; and node calls its main thread otherwise.
  const absl::string_view first = arguments.empty() ? name : file_of(arguments[0]);
  const absl::string_view kind = first.substr(0, first.find_last_not_of(".0123456789") + 1);
  const bool interpreter =
      std::find(kInterpreters.begin(), kInterpreters.end(), kind) != kInterpreters.end();
  if (!interpreter || arguments.size() < 2 || arguments[1].empty() || arguments[1][0] == '-') {
    return WithoutDot(name);
  }
  absl::string_view script = file_of(arguments[1]);
  for (const absl::string_view ending : kEndings) {
    if (absl::ConsumeSuffix(&script, ending)) break;
  }
  const bool fit = !script.empty() && CheckName("program", script, kProgramBytesMax).ok();
  return WithoutDot(fit ? script : name);
}

std::string HolderMark(pid_t pid, uint64_t start_ticks) {
  return absl::StrCat(pid, ".", start_ticks);
}

std::optional<std::string> ReadProcessEnvironment(pid_t pid) {
  const Fd fd(open(absl::StrCat("/proc/", pid, "/environ").c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  // Root may read everybody's.
  if (!fd.valid() || fstat(fd.get(), &info) != 0 || info.st_uid != geteuid()) return std::nullopt;
  return ReadUpTo(fd, kEnvironmentBytesMax);
}

std::optional<std::string> FindVariable(absl::string_view environment, absl::string_view name) {
  for (absl::string_view entry : absl::StrSplit(environment, '\0')) {
    if (absl::ConsumePrefix(&entry, name) && absl::ConsumePrefix(&entry, "=")) {
      return std::string(entry);
    }
  }
  return std::nullopt;
}

std::optional<std::string> ReadProcessVariable(pid_t pid, absl::string_view name) {
  const auto environment = ReadProcessEnvironment(pid);
  return environment.has_value() ? FindVariable(*environment, name) : std::nullopt;
}

Fd OpenPidfd(pid_t pid) { return Fd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))); }

std::string ReadBootId() {
  const auto text = ReadSmallFile("/proc/sys/kernel/random/boot_id");
  return text ? std::string(absl::StripAsciiWhitespace(*text)) : "";
}

}  // namespace zbroker
