#include "shims/tools/launcher.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "client/base/paths.h"

namespace zbroker::tools {
namespace {

struct Launcher {
  absl::string_view name;
  absl::string_view subcommand;  // empty: none
  bool runs_packages = false;
  bool takes_assignments = false;  // NAME=VALUE
  std::vector<absl::string_view> flags;
  // Options that have a value, which is the next word if none follows a "=".
  std::vector<absl::string_view> with_value;
};

// Those options that leave arguments and environment of the program alone.
const std::vector<Launcher>& Launchers() {
  static const auto& launchers = *new std::vector<Launcher>{
      {.name = "env",
       .takes_assignments = true,
       .flags = {"--"},
       .with_value = {"-u", "--unset", "-C", "--chdir"}},
      {.name = "nohup", .flags = {"--"}},
      {.name = "npx",
       .runs_packages = true,
       .flags = {"--", "-y", "--yes", "-q", "--quiet", "--prefer-offline", "--prefer-online"},
       .with_value = {"-p", "--package"}},
      {.name = "npm",
       .subcommand = "exec",
       .runs_packages = true,
       .flags = {"--", "-y", "--yes"},
       .with_value = {"--package"}},
      {.name = "bunx", .runs_packages = true, .flags = {"--bun", "--silent"}},
      {.name = "bun", .subcommand = "x", .runs_packages = true, .flags = {"--bun", "--silent"}},
      {.name = "pnpx", .runs_packages = true, .with_value = {"--package"}},
      {.name = "pnpm", .subcommand = "dlx", .runs_packages = true, .with_value = {"--package"}},
      {.name = "yarn",
       .subcommand = "dlx",
       .runs_packages = true,
       .flags = {"-q", "--quiet"},
       .with_value = {"-p", "--package"}},
  };
  return launchers;
}

const Launcher* FindLauncher(const std::vector<std::string>& command, size_t at) {
  const std::string name = BaseName(command[at]);
  for (const Launcher& launcher : Launchers()) {
    if (launcher.name != name) continue;
    if (launcher.subcommand.empty()) return &launcher;
    if (at + 1 < command.size() && command[at + 1] == launcher.subcommand) return &launcher;
  }
  return nullptr;
}

bool Has(const std::vector<absl::string_view>& words, absl::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

// The first word that is the launcher's no more; the end if there is none, or an option is not
// known.
size_t SkipOptions(const Launcher& launcher, const std::vector<std::string>& command, size_t at) {
  while (at < command.size()) {
    const absl::string_view word = command[at];
    const size_t equals = word.find('=');
    const bool is_option = absl::StartsWith(word, "-");
    if (!is_option && !(launcher.takes_assignments && equals != word.npos)) return at;
    if (!is_option || Has(launcher.flags, word)) {
      ++at;
    } else if (Has(launcher.with_value, word.substr(0, equals))) {
      at += equals == word.npos ? 2 : 1;
    } else {
      return command.size();
    }
  }
  return command.size();
}

}  // namespace

std::optional<Launched> FindLaunched(const std::vector<std::string>& command) {
  Launched found;
  while (found.at < command.size()) {
    const Launcher* const launcher = FindLauncher(command, found.at);
    if (launcher == nullptr) return found;
    const size_t options_at = found.at + (launcher->subcommand.empty() ? 1 : 2);
    found = {.at = SkipOptions(*launcher, command, options_at),
             .is_package = launcher->runs_packages};
  }
  return std::nullopt;
}

std::string PackageName(const std::string& package) {
  // The first character of a scope is '@' too.
  return package.substr(0, package.find('@', 1));
}

}  // namespace zbroker::tools
