#include "shims/setup/replace_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "client/base/fd.h"
#include "client/base/status.h"
#include "shims/tools/surroundings.h"

namespace zbroker::setup {
namespace {

absl::Status WriteAll(const Fd& fd, absl::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t size = write(fd.get(), content.data(), content.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return ErrnoToStatus(errno, path);
    content.remove_prefix(static_cast<size_t>(size));
  }
  return absl::OkStatus();
}

absl::Status Sync(const Fd& fd, const std::string& path) {
  return fsync(fd.get()) == 0 ? absl::OkStatus() : ErrnoToStatus(errno, path);
}

absl::Status MakeParents(const std::string& path) {
  for (size_t slash = path.find('/', 1); slash != path.npos; slash = path.find('/', slash + 1)) {
    const std::string directory = path.substr(0, slash);
    if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
      return ErrnoToStatus(errno, directory);
    }
  }
  return absl::OkStatus();
}

absl::Status CheckUnchanged(const std::string& path, const std::optional<std::string>& before) {
  const auto now = ReadIfThere(path);
  if (!now.ok()) return now.status();
  if (*now == before) return absl::OkStatus();
  return absl::AbortedError(absl::StrCat(
      path, ": somebody else has changed it meanwhile; nothing is written, try again"));
}

// A file beside `path` that goes away unless it takes its place.
class Draft {
 public:
  static absl::StatusOr<Draft> Write(const std::string& path, absl::string_view content) {
    std::string name = absl::StrCat(path, ".zbroker-XXXXXX");
    Fd fd(mkostemp(name.data(), O_CLOEXEC));
    if (!fd.valid()) return ErrnoToStatus(errno, absl::StrCat("can't write beside ", path));
    Draft draft(std::move(name), std::move(fd));
    ZB_RETURN_IF_ERROR(WriteAll(draft.fd_, content, draft.name_));
    ZB_RETURN_IF_ERROR(Sync(draft.fd_, draft.name_));
    return draft;
  }
  Draft(Draft&&) noexcept = default;
  ~Draft() {
    if (fd_.valid()) unlink(name_.c_str());
  }

  const Fd& fd() const { return fd_; }
  const std::string& name() const { return name_; }

 private:
  Draft(std::string name, Fd fd) : name_(std::move(name)), fd_(std::move(fd)) {}

  std::string name_;
  Fd fd_;
};

absl::Status Create(const std::string& path, const std::string& content) {
  ZB_RETURN_IF_ERROR(MakeParents(path));
  ZB_ASSIGN_OR_RETURN(const Draft draft, Draft::Write(path, content));
  if (link(draft.name().c_str(), path.c_str()) == 0) return absl::OkStatus();
  if (errno != EEXIST) return ErrnoToStatus(errno, path);
  ZB_RETURN_IF_ERROR(CheckUnchanged(path, std::nullopt));
  return absl::FailedPreconditionError(
      absl::StrCat(path,
                   ": is a link that leads to no file; make that file or remove the link, "
                   "then try again"));
}

// The file that the path leads to, if it is one that may be written to.
absl::StatusOr<std::string> FindReal(const std::string& path, struct stat& info) {
  char real[PATH_MAX];
  if (realpath(path.c_str(), real) == nullptr || stat(real, &info) != 0) {
    return ErrnoToStatus(errno, path);
  }
  if (!S_ISREG(info.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(path, ": is not a file"));
  }
  if (info.st_uid != geteuid()) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": belongs to user ", info.st_uid, "; do this as that user"));
  }
  if ((info.st_mode & S_IWUSR) == 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": is read-only; chmod u+w ", real, ", then try again"));
  }
  return std::string(real);
}

absl::Status OverwriteInPlace(const std::string& path, const std::string& content) {
  const Fd fd(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd.valid()) return ErrnoToStatus(errno, path);
  ZB_RETURN_IF_ERROR(WriteAll(fd, content, path));
  if (ftruncate(fd.get(), static_cast<off_t>(content.size())) != 0) {
    return ErrnoToStatus(errno, path);
  }
  return Sync(fd, path);
}

absl::Status Overwrite(const std::string& path, const std::string& before,
                       const std::string& content) {
  struct stat info {};
  ZB_ASSIGN_OR_RETURN(const std::string real, FindReal(path, info));
  const bool is_plain = info.st_nlink == 1 && listxattr(real.c_str(), nullptr, 0) <= 0;
  if (!is_plain) {
    ZB_RETURN_IF_ERROR(CheckUnchanged(path, before));
    return OverwriteInPlace(real, content);
  }
  ZB_ASSIGN_OR_RETURN(const Draft draft, Draft::Write(real, content));
  // The group first, as that takes bits off the mode. One that we are not in can't be kept.
  const bool group_kept = fchown(draft.fd().get(), static_cast<uid_t>(-1), info.st_gid) == 0;
  const mode_t mode = info.st_mode & (group_kept ? 07777 : 07707);
  if (fchmod(draft.fd().get(), mode) != 0) return ErrnoToStatus(errno, draft.name());
  ZB_RETURN_IF_ERROR(CheckUnchanged(path, before));
  if (rename(draft.name().c_str(), real.c_str()) != 0) return ErrnoToStatus(errno, path);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::optional<std::string>> ReadIfThere(const std::string& path) {
  auto text = tools::Surroundings::OfProcess()->ReadFile(path);
  if (text.ok()) return std::optional(*std::move(text));
  if (absl::IsNotFound(text.status())) return std::optional<std::string>();
  return text.status();
}

absl::Status ReplaceFile(const std::string& path, const std::optional<std::string>& before,
                         const std::optional<std::string>& after) {
  ZB_RETURN_IF_ERROR(CheckUnchanged(path, before));
  if (before == after) return absl::OkStatus();
  if (after && after->size() > tools::Surroundings::kFileBytesMax) {
    return absl::FailedPreconditionError(absl::StrCat(
        path, ": would have more than ", tools::Surroundings::kFileBytesMax, " bytes"));
  }
  if (!before) return Create(path, *after);
  if (after) return Overwrite(path, *before, *after);
  if (unlink(path.c_str()) != 0) return ErrnoToStatus(errno, path);
  return absl::OkStatus();
}

}  // namespace zbroker::setup
