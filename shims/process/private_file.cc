#include "shims/process/private_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/base/paths.h"
#include "client/base/status.h"

namespace zbroker::process {
namespace {

constexpr absl::string_view kPrefix = "settings-";
constexpr absl::string_view kSuffix = ".json";
constexpr int kTriesMax = 10;
constexpr int kNamesMax = 10'000;

void RemoveAbandoned(const std::string& directory) {
  DIR* const entries = opendir(directory.c_str());
  if (entries == nullptr) return;
  for (int i = 0; i < kNamesMax; ++i) {
    const dirent* const entry = readdir(entries);
    if (entry == nullptr) break;
    const absl::string_view name = entry->d_name;
    if (!absl::StartsWith(name, kPrefix) || !absl::EndsWith(name, kSuffix)) continue;
    const std::string path = absl::StrCat(directory, "/", name);
    const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (fd.valid() && flock(fd.get(), LOCK_EX | LOCK_NB) == 0) unlink(path.c_str());
  }
  closedir(entries);
}

absl::Status WriteAll(const Fd& fd, absl::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t size = write(fd.get(), content.data(), content.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return ErrnoToStatus(errno, path);
    content.remove_prefix(static_cast<size_t>(size));
  }
  return absl::OkStatus();
}

}  // namespace

PrivateFile::PrivateFile(std::string path, Fd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

PrivateFile::~PrivateFile() {
  if (fd_.valid()) unlink(path_.c_str());
}

absl::StatusOr<PrivateFile> PrivateFile::Create(const std::string& directory,
                                                absl::string_view content) {
  ZB_RETURN_IF_ERROR(PreparePrivateDirectory(directory));
  RemoveAbandoned(directory);
  for (int i = 0; i < kTriesMax; ++i) {
    std::string path = absl::StrCat(directory, "/", kPrefix, "XXXXXX", kSuffix);
    Fd fd(mkostemps(path.data(), static_cast<int>(kSuffix.size()), O_CLOEXEC));
    if (!fd.valid()) return ErrnoToStatus(errno, absl::StrCat("can't make a file in ", directory));
    PrivateFile file(std::move(path), std::move(fd));
    struct stat info {};
    // Before we had the lock somebody may have taken it for abandoned.
    if (flock(file.fd_.get(), LOCK_EX) != 0 || fstat(file.fd_.get(), &info) != 0) {
      return ErrnoToStatus(errno, file.path_);
    }
    if (info.st_nlink == 0) continue;
    ZB_RETURN_IF_ERROR(WriteAll(file.fd_, content, file.path_));
    return file;
  }
  return absl::AbortedError(absl::StrCat(directory, ": somebody keeps removing files there"));
}

}  // namespace zbroker::process
