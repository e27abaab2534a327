#include "shims/tools/surroundings.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "client/base/fd.h"
#include "client/base/paths.h"
#include "client/base/status.h"

namespace zbroker::tools {
namespace {

constexpr size_t kNamesMax = 1000;
constexpr size_t kParentsMax = 64;
// Files of /proc say that they are empty.
constexpr size_t kFirstBytes = 4096;

class ProcessSurroundings : public Surroundings {
 public:
  std::optional<std::string> Variable(const std::string& name) const override {
    const char* value = getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  }

  absl::StatusOr<std::string> ReadFile(const std::string& path) const override {
    // Non-blocking, as a pipe that nobody writes to would hold up the start.
    const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fd.valid() && (errno == ENOENT || errno == ENOTDIR)) {
      return absl::NotFoundError(absl::StrCat(path, ": no such file"));
    }
    struct stat info {};
    if (!fd.valid() || fstat(fd.get(), &info) != 0) return ErrnoToStatus(errno, path);
    if (!S_ISREG(info.st_mode)) {
      return absl::FailedPreconditionError(absl::StrCat(path, ": is not a file"));
    }
    // What it has now and one byte, which tells its end; it may yet grow.
    std::string text(std::min(static_cast<size_t>(info.st_size), kFileBytesMax) + 1, '\0');
    size_t size = 0;
    while (size <= kFileBytesMax) {
      if (size == text.size()) text.resize(std::min(2 * size + kFirstBytes, kFileBytesMax + 1));
      const ssize_t count = read(fd.get(), text.data() + size, text.size() - size);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return ErrnoToStatus(errno, path);
      if (count == 0) break;
      size += static_cast<size_t>(count);
    }
    if (size > kFileBytesMax) {
      return absl::FailedPreconditionError(
          absl::StrCat(path, ": has more than ", kFileBytesMax, " bytes"));
    }
    text.resize(size);
    return text;
  }

  std::vector<std::string> ListDirectory(const std::string& path) const override {
    std::vector<std::string> names;
    DIR* const directory = opendir(path.c_str());
    if (directory == nullptr) return names;
    for (const dirent* entry = readdir(directory); entry != nullptr && names.size() < kNamesMax;
         entry = readdir(directory)) {
      names.emplace_back(entry->d_name);
    }
    closedir(directory);
    std::sort(names.begin(), names.end());
    return names;
  }

  bool Exists(const std::string& path) const override { return access(path.c_str(), F_OK) == 0; }

  std::string home() const override { return HomeDirectory().value_or(""); }

  std::string directory() const override {
    char path[PATH_MAX];
    return getcwd(path, sizeof path) == nullptr ? "" : path;
  }

  std::string state_directory() const override { return StateDirectory().value_or(""); }

  std::string config_path() const override { return ConfigPath(); }
};

}  // namespace

std::unique_ptr<Surroundings> Surroundings::OfProcess() {
  return std::make_unique<ProcessSurroundings>();
}

std::vector<std::string> ProjectDirectories(const Surroundings& surroundings) {
  std::vector<std::string> directories;
  std::string at = surroundings.directory();
  while (!at.empty() && directories.size() < kParentsMax) {
    directories.push_back(at);
    if (surroundings.Exists(absl::StrCat(at, "/.git"))) break;
    at.resize(at.rfind('/'));
  }
  return directories;
}

}  // namespace zbroker::tools
