#include "shims/doctor/process_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <memory>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "client/base/paths.h"
#include "client/base/process.h"

namespace zbroker::doctor {
namespace {

constexpr size_t kAncestorsMax = 64;
constexpr absl::string_view kDeleted = " (deleted)";

struct Closer {
  void operator()(DIR* directory) const { closedir(directory); }
};
using OpenDirectory = std::unique_ptr<DIR, Closer>;

std::string LinkAt(int directory, const char* name) {
  char target[PATH_MAX];
  const ssize_t size = readlinkat(directory, name, target, sizeof target);
  return size <= 0 ? "" : std::string(target, static_cast<size_t>(size));
}

// 0 if the link is to no socket.
uint64_t InodeIn(absl::string_view link) {
  uint64_t inode = 0;
  const bool is_socket = absl::ConsumePrefix(&link, "socket:[") && absl::ConsumeSuffix(&link, "]");
  return is_socket && absl::SimpleAtoi(link, &inode) ? inode : 0;
}

void AddSocketsOf(pid_t pid, const std::set<uint64_t>& inodes,
                  std::map<uint64_t, std::vector<pid_t>>& owners) {
  const OpenDirectory descriptors(opendir(absl::StrCat("/proc/", pid, "/fd").c_str()));
  if (descriptors == nullptr) return;  // it has ended, or hides them
  std::set<uint64_t> seen;
  while (const dirent* const entry = readdir(descriptors.get())) {
    const uint64_t inode = InodeIn(LinkAt(dirfd(descriptors.get()), entry->d_name));
    if (inodes.contains(inode) && seen.insert(inode).second) owners[inode].push_back(pid);
  }
}

bool IsPlainWord(absl::string_view word) {
  return !word.empty() && word[0] != '-' && std::ranges::all_of(word, [](unsigned char c) {
    return absl::ascii_isalnum(c) || absl::StrContains("._-+", static_cast<char>(c));
  });
}

}  // namespace

bool IsReplaced(pid_t pid, absl::string_view program) {
  const std::string path = LinkAt(AT_FDCWD, absl::StrCat("/proc/", pid, "/exe").c_str());
  absl::string_view before = path;
  return absl::ConsumeSuffix(&before, kDeleted) && BaseName(std::string(before)) == program;
}

std::map<uint64_t, std::vector<pid_t>> FindOwners(const std::set<uint64_t>& inodes) {
  std::map<uint64_t, std::vector<pid_t>> owners;
  const OpenDirectory processes(opendir("/proc"));
  if (processes == nullptr) return owners;
  while (const dirent* const entry = readdir(processes.get())) {
    pid_t pid = 0;
    struct stat info {};
    if (!absl::SimpleAtoi(entry->d_name, &pid)) continue;
    if (fstatat(dirfd(processes.get()), entry->d_name, &info, 0) != 0) continue;
    if (info.st_uid == geteuid()) AddSocketsOf(pid, inodes, owners);
  }
  return owners;
}

std::vector<pid_t> AncestorsOf(pid_t pid) {
  std::vector<pid_t> ancestors;
  while (pid > 1 && ancestors.size() < kAncestorsMax) {
    ancestors.push_back(pid);
    const auto process = ReadProcessStat(pid);
    pid = process ? process->parent : 0;
  }
  return ancestors;
}

bool HasHolder(pid_t pid) {
  const std::string mark = ReadProcessVariable(pid, kHolderVariable).value_or("");
  pid_t holder = 0;
  if (!absl::SimpleAtoi(mark.substr(0, mark.find('.')), &holder)) return false;
  const auto process = ReadProcessStat(holder);
  return process && process->alive() && HolderMark(holder, process->start_ticks) == mark;
}

std::string CommandWords(absl::string_view name, absl::string_view command_line) {
  const std::vector<std::string> words = absl::StrSplit(command_line, '\0');
  // Otherwise the dot of a wrapped program is all that differs.
  const bool is_script = ProgramName(name, command_line) != ProgramName(name, "");
  const std::string first = is_script ? BaseName(words[0]) : std::string(name);
  if (!IsPlainWord(first)) return "";
  if (!is_script) return first;
  const std::string script = BaseName(words[1]);
  return IsPlainWord(script) ? absl::StrCat(first, " ", script) : "";
}

}  // namespace zbroker::doctor
