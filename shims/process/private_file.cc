#include "shims/process/private_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/base/paths.h"
#include "client/base/status.h"

namespace zbroker::process {
namespace {

constexpr absl::string_view kLockPrefix = "settings-";
constexpr absl::string_view kLockSuffix = ".lock";
constexpr int kTriesMax = 10;
constexpr int kNamesMax = 10'000;

// What makes the name of a lock, and of the file that it is for, its own.
absl::string_view MarkOf(absl::string_view lock_path) {
  const absl::string_view name = lock_path.substr(lock_path.rfind('/') + 1);
  return name.substr(kLockPrefix.size(), name.size() - kLockPrefix.size() - kLockSuffix.size());
}

// Removes the file of a lock that nobody holds, and the lock.
void RemoveIfAbandoned(const std::string& lock_path) {
  const Fd lock(open(lock_path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!lock.valid() || flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return;
  char text[PATH_MAX];
  const ssize_t size = read(lock.get(), text, sizeof text);
  const std::string path(text, size > 0 ? static_cast<size_t>(size) : 0);
  if (absl::StrContains(BaseName(path), MarkOf(lock_path))) unlink(path.c_str());
  unlink(lock_path.c_str());
}

void RemoveAbandoned(const std::string& directory) {
  DIR* const entries = opendir(directory.c_str());
  if (entries == nullptr) return;
  for (int i = 0; i < kNamesMax; ++i) {
    const dirent* const entry = readdir(entries);
    if (entry == nullptr) break;
    const absl::string_view name = entry->d_name;
    if (!absl::StartsWith(name, kLockPrefix) || !absl::EndsWith(name, kLockSuffix)) continue;
    RemoveIfAbandoned(absl::StrCat(directory, "/", name));
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

PrivateFile::~PrivateFile() {
  if (!lock_.valid()) return;
  if (!path_.empty()) unlink(path_.c_str());
  unlink(lock_path_.c_str());
}

absl::StatusOr<PrivateFile> PrivateFile::Create(const std::string& state_directory,
                                                const Place& place, absl::string_view content) {
  const std::string& directory = place.directory.empty() ? state_directory : place.directory;
  ZB_RETURN_IF_ERROR(PreparePrivateDirectory(state_directory));
  // A directory of the tool's that is there is the user's affair: with a umask of 002 it is open to
  // the group, as is all else that the tool reads there.
  if (access(directory.c_str(), F_OK) != 0) ZB_RETURN_IF_ERROR(PreparePrivateDirectory(directory));
  RemoveAbandoned(state_directory);
  for (int i = 0; i < kTriesMax; ++i) {
    std::string lock_path = absl::StrCat(state_directory, "/", kLockPrefix, "XXXXXX", kLockSuffix);
    Fd lock(mkostemps(lock_path.data(), static_cast<int>(kLockSuffix.size()), O_CLOEXEC));
    if (!lock.valid()) {
      return ErrnoToStatus(errno, absl::StrCat("can't make a file in ", state_directory));
    }
    PrivateFile file(std::move(lock_path), std::move(lock));
    struct stat info {};
    // Before we had the lock somebody may have taken it for abandoned.
    if (flock(file.lock_.get(), LOCK_EX) != 0 || fstat(file.lock_.get(), &info) != 0) {
      return ErrnoToStatus(errno, file.lock_path_);
    }
    if (info.st_nlink == 0) continue;
    std::string path =
        absl::StrCat(directory, "/", place.prefix, MarkOf(file.lock_path_), place.suffix);
    // First, so that one that is made is always found.
    ZB_RETURN_IF_ERROR(WriteAll(file.lock_, path, file.lock_path_));
    const Fd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd.valid()) return ErrnoToStatus(errno, path);
    file.path_ = std::move(path);
    ZB_RETURN_IF_ERROR(WriteAll(fd, content, file.path_));
    return file;
  }
  return absl::AbortedError(absl::StrCat(state_directory, ": somebody keeps removing files there"));
}

}  // namespace zbroker::process
