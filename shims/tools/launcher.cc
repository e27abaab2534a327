#include "shims/tools/launcher.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "client/base/paths.h"

namespace zbroker::tools {
namespace {

using Texts = std::vector<absl::string_view>;

struct Launcher {
  absl::string_view name;
  absl::string_view subcommand;  // empty: none
  bool runs_packages = false;
  bool takes_assignments = false;  // NAME=VALUE
  size_t operands = 0;             // words before the program that are no options
  Texts flags;
  // Options that have a value, which is the next word unless it follows a "=", or at once the
  // letter of a short one.
  Texts with_value;
  Texts clearing;  // flags that leave the program nothing of the environment
};

// npm's own, whoever runs it.
const Texts kNpmFlags = {"-y",
                         "--yes",
                         "--no",
                         "--no-install",
                         "-q",
                         "--quiet",
                         "-s",
                         "--silent",
                         "-d",
                         "--verbose",
                         "--offline",
                         "--prefer-offline",
                         "--no-color",
                         "--prefer-online",
                         "--ignore-existing",
                         "--no-update-notifier"};
const Texts kNpmWithValue = {"-p",       "--package",  "--registry", "--cache",    "--userconfig",
                             "--prefix", "--loglevel", "-w",         "--workspace"};
const Texts kBunFlags = {"-b", "--bun", "-i", "--no-install", "--silent", "--verbose"};
const Texts kBunWithValue = {"-p", "--package"};
const Texts kPnpmFlags = {"-s", "--silent", "--offline", "--prefer-offline"};
const Texts kPnpmWithValue = {"--package", "--reporter", "--allow-build"};

// Those options that leave the arguments of the program alone.
const std::vector<Launcher>& Launchers() {
  static const auto& launchers = *new std::vector<Launcher>{
      {.name = "env",
       .takes_assignments = true,
       .flags = {"-v", "--debug"},
       .with_value = {"-u", "--unset", "-C", "--chdir"},
       .clearing = {"-", "-i", "--ignore-environment"}},
      {.name = "nohup"},
      {.name = "nice", .with_value = {"-n", "--adjustment"}},
      {.name = "ionice",
       .flags = {"-t", "--ignore"},
       .with_value = {"-c", "--class", "-n", "--classdata"}},
      {.name = "stdbuf", .with_value = {"-i", "--input", "-o", "--output", "-e", "--error"}},
      {.name = "timeout",
       .operands = 1,
       .flags = {"--foreground", "--preserve-status", "-v", "--verbose"},
       .with_value = {"-k", "--kill-after", "-s", "--signal"}},
      {.name = "npx", .runs_packages = true, .flags = kNpmFlags, .with_value = kNpmWithValue},
      {.name = "npm",
       .subcommand = "exec",
       .runs_packages = true,
       .flags = kNpmFlags,
       .with_value = kNpmWithValue},
      {.name = "npm",
       .subcommand = "x",
       .runs_packages = true,
       .flags = kNpmFlags,
       .with_value = kNpmWithValue},
      {.name = "bunx", .runs_packages = true, .flags = kBunFlags, .with_value = kBunWithValue},
      {.name = "bun",
       .subcommand = "x",
       .runs_packages = true,
       .flags = kBunFlags,
       .with_value = kBunWithValue},
      {.name = "pnpx", .runs_packages = true, .flags = kPnpmFlags, .with_value = kPnpmWithValue},
      {.name = "pnpm",
       .subcommand = "dlx",
       .runs_packages = true,
       .flags = kPnpmFlags,
       .with_value = kPnpmWithValue},
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

bool Has(const Texts& words, absl::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

// How many words the option is; 0: it is not known, and may mean anything.
size_t WordsOf(const Launcher& launcher, absl::string_view option) {
  const absl::string_view name = option.substr(0, option.find('='));
  if (Has(launcher.flags, option) || Has(launcher.clearing, option)) return 1;
  if (Has(launcher.with_value, name)) return name.size() == option.size() ? 2 : 1;
  const bool is_short = option.size() > 1 && option[1] != '-';
  if (is_short && Has(launcher.with_value, option.substr(0, 2))) return 1;
  // `nice -10`
  return is_short && launcher.name == "nice" && absl::ascii_isdigit(option[1]) ? 1 : 0;
}

// To the first word that is the launcher's no more: at the end if there is none, or an option is
// not known.
Launched SkipOwn(const Launcher& launcher, const std::vector<std::string>& command, size_t at) {
  Launched found{.at = command.size(), .is_package = launcher.runs_packages};
  size_t operands = launcher.operands;
  for (bool has_options = true; at < command.size();) {
    const absl::string_view word = command[at];
    if (has_options && word == "--") {
      has_options = false;
      ++at;
    } else if (has_options && absl::StartsWith(word, "-")) {
      const size_t words = WordsOf(launcher, word);
      if (words == 0) return found;
      found.is_bare = found.is_bare || Has(launcher.clearing, word);
      at += words;
    } else if (launcher.takes_assignments && absl::StrContains(word, "=")) {
      ++at;
    } else if (operands > 0) {
      --operands;
      ++at;
    } else {
      found.at = at;
      return found;
    }
  }
  return found;
}

}  // namespace

std::optional<Launched> FindLaunched(const std::vector<std::string>& command) {
  Launched found;
  while (found.at < command.size()) {
    const Launcher* const launcher = FindLauncher(command, found.at);
    if (launcher == nullptr) return found;
    const bool was_bare = found.is_bare;
    found = SkipOwn(*launcher, command, found.at + (launcher->subcommand.empty() ? 1 : 2));
    found.is_bare = found.is_bare || was_bare;
  }
  return std::nullopt;
}

std::string PackageName(const std::string& package) {
  // The first character of a scope is '@' too.
  return package.substr(0, package.find('@', 1));
}

}  // namespace zbroker::tools
