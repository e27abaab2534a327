#include "client/base/project.h"

#include <limits.h>
#include <unistd.h>

#include <array>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/base/text.h"

namespace zbroker {
namespace {

// Where a link of /proc points to; empty if that can't be read, or is no path.
std::string ReadPath(const std::string& link) {
  std::array<char, PATH_MAX> target;
  const ssize_t size = readlink(link.c_str(), target.data(), target.size());
  if (size <= 0 || size == static_cast<ssize_t>(target.size())) return "";
  return std::string(target.data(), static_cast<size_t>(size));
}

}  // namespace

std::string ProjectOf(absl::string_view directory, const std::string& root) {
  while (absl::StartsWith(directory, "/")) {
    const size_t slash = directory.rfind('/');
    const absl::string_view name = directory.substr(slash + 1);
    if (!name.empty() && access(absl::StrCat(root, directory, "/.git").c_str(), F_OK) == 0) {
      return Ellipsize(EscapeControls(name), kProjectCharactersMax);
    }
    directory = directory.substr(0, slash);
  }
  return "";
}

std::string OwnProject() { return ProjectOf(ReadPath("/proc/self/cwd")); }

// Its root may be another: that of a container.
std::string ProjectOfProcess(pid_t pid) {
  const std::string process = absl::StrCat("/proc/", pid);
  return ProjectOf(ReadPath(absl::StrCat(process, "/cwd")), absl::StrCat(process, "/root"));
}

}  // namespace zbroker
