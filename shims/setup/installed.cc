#include "shims/setup/installed.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdlib>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "client/base/paths.h"
#include "client/base/process.h"
#include "client/base/text.h"
#include "shims/tools/json_settings.h"
#include "shims/tools/surroundings.h"

namespace zbroker::setup {
namespace {

constexpr int kParentsMax = 4;
constexpr size_t kRunningMax = 100;
constexpr absl::string_view kInterpreters[] = {"node", "nodejs", "bun", "deno", "sh", "bash"};
constexpr size_t kVersionColumnsMax = 20;

// Whether it is like "2.1.197".
bool IsVersion(absl::string_view text) {
  return !text.empty() && absl::ascii_isdigit(static_cast<unsigned char>(text[0])) &&
         text.find('.') != text.npos;
}

// That of the package which the program is a file of, or what its file is called by.
std::string VersionOf(const std::string& program) {
  char real[PATH_MAX];
  if (realpath(program.c_str(), real) == nullptr) return "";
  const auto surroundings = tools::Surroundings::OfProcess();
  std::string at = real;
  for (int i = 0; i < kParentsMax && at.size() > 1; ++i) {
    if (IsVersion(BaseName(at))) return BaseName(at);
    at.resize(at.rfind('/'));
    const auto text = surroundings->ReadFile(absl::StrCat(at, "/package.json"));
    if (!text.ok()) continue;
    const auto package = tools::JsonObject::Parse(*text);
    const auto version = package.ok() ? package->String({"version"}) : std::nullopt;
    if (version && IsVersion(*version)) {
      return Ellipsize(EscapeControls(*version), kVersionColumnsMax);
    }
  }
  return "";
}

}  // namespace

std::string FindInPath(absl::string_view name) {
  const char* const path = getenv("PATH");
  if (name.empty() || path == nullptr) return "";
  for (const absl::string_view directory : absl::StrSplit(path, ':', absl::SkipEmpty())) {
    std::string program = absl::StrCat(directory, "/", name);
    struct stat info {};
    if (stat(program.c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
        access(program.c_str(), X_OK) == 0) {
      return program;
    }
  }
  return "";
}

Installed FindInstalled(const tools::Tool& tool) {
  Installed found{.path = FindInPath(tool.name)};
  if (found.path.empty()) found.path = FindInPath(tool.alias);
  if (!found.path.empty()) found.version = VersionOf(found.path);
  return found;
}

bool IsCommandOf(const tools::Tool& tool, absl::string_view command_line) {
  const std::vector<std::string> words = absl::StrSplit(command_line, '\0');
  const auto is_tool = [&](const std::string& word) {
    const std::string name = ProgramName(BaseName(word), "");
    const absl::string_view stem = absl::string_view(name).substr(0, name.rfind(".js"));
    return stem == tool.name || (!tool.alias.empty() && stem == tool.alias);
  };
  const bool is_interpreted =
      std::ranges::find(kInterpreters, BaseName(words[0])) != std::end(kInterpreters);
  return is_tool(words[0]) || (is_interpreted && words.size() > 1 && is_tool(words[1]));
}

std::vector<pid_t> FindRunning(const tools::Tool& tool) {
  std::vector<pid_t> pids;
  DIR* const entries = opendir("/proc");
  if (entries == nullptr) return pids;
  const auto surroundings = tools::Surroundings::OfProcess();
  while (const dirent* const entry = readdir(entries)) {
    pid_t pid = 0;
    struct stat info {};
    const std::string directory = absl::StrCat("/proc/", entry->d_name);
    if (!absl::SimpleAtoi(entry->d_name, &pid) || pid == getpid()) continue;
    if (stat(directory.c_str(), &info) != 0 || info.st_uid != geteuid()) continue;
    const auto command_line = surroundings->ReadFile(directory + "/cmdline");
    if (command_line.ok() && IsCommandOf(tool, *command_line)) pids.push_back(pid);
    if (pids.size() == kRunningMax) break;
  }
  closedir(entries);
  std::ranges::sort(pids);
  return pids;
}

}  // namespace zbroker::setup
