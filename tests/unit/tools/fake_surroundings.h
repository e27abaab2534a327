// A machine that is only in memory.
#ifndef ZBROKER_TESTS_UNIT_TOOLS_FAKE_SURROUNDINGS_H_
#define ZBROKER_TESTS_UNIT_TOOLS_FAKE_SURROUNDINGS_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "shims/tools/surroundings.h"

namespace zbroker::tools {

class FakeSurroundings : public Surroundings {
 public:
  std::map<std::string, std::string> variables;
  std::map<std::string, std::string> files;
  std::map<std::string, absl::Status> broken_files;
  std::set<std::string> dangling_links;
  std::string working_directory = "/work/project";

  std::optional<std::string> Variable(const std::string& name) const override {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  }

  absl::StatusOr<std::string> ReadFile(const std::string& path) const override {
    if (const auto broken = broken_files.find(path); broken != broken_files.end()) {
      return broken->second;
    }
    const auto found = files.find(path);
    if (found == files.end()) return absl::NotFoundError(absl::StrCat(path, ": no such file"));
    return found->second;
  }

  std::vector<std::string> ListDirectory(const std::string& path) const override {
    std::vector<std::string> names;
    const std::string prefix = absl::StrCat(path, "/");
    for (const auto& [name, content] : files) {
      if (absl::StartsWith(name, prefix)) names.push_back(name.substr(prefix.size()));
    }
    for (const std::string& name : dangling_links) {
      if (absl::StartsWith(name, prefix)) names.push_back(name.substr(prefix.size()));
    }
    return names;
  }

  bool Exists(const std::string& path) const override {
    return files.contains(path) || !ListDirectory(path).empty();
  }

  std::string home() const override { return "/home/me"; }
  std::string directory() const override { return working_directory; }
  std::string state_directory() const override { return "/state"; }
  std::string config_path() const override {
    return files.contains("/config.toml") ? "/config.toml" : "";
  }
};

// The value that the launch gives to a variable; empty if it gives none.
inline std::string ValueIn(const Variables& variables, const std::string& name) {
  for (const auto& [one, value] : variables) {
    if (one == name) return value;
  }
  return "";
}

}  // namespace zbroker::tools

#endif  // ZBROKER_TESTS_UNIT_TOOLS_FAKE_SURROUNDINGS_H_
