#include "daemon/engine/instance_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/base/file_identity.h"
#include "client/base/status.h"

namespace zbroker::engine {

absl::StatusOr<InstanceLock> InstanceLock::Take(const std::string& path) {
  Fd fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.valid()) return ErrnoToStatus(errno, absl::StrCat("can't open the lock ", path));
  if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    char text[32] = "";
    const ssize_t size = pread(fd.get(), text, sizeof text - 1, 0);
    const absl::string_view pid = absl::StripAsciiWhitespace(
        absl::string_view(text, size > 0 ? static_cast<size_t>(size) : 0));
    if (pid.empty()) return absl::AlreadyExistsError(absl::StrCat("another zbrokerd holds ", path));
    return absl::AlreadyExistsError(absl::StrCat("another zbrokerd (pid ", pid, ") holds ", path,
                                                 "; if it can't be reached: kill ", pid));
  }
  const std::string pid = absl::StrCat(getpid(), "\n");
  if (ftruncate(fd.get(), 0) != 0 || pwrite(fd.get(), pid.data(), pid.size(), 0) < 0) {
    // Only people read it; a full disk must not keep the daemon from starting.
    return InstanceLock(path, std::move(fd));
  }
  return InstanceLock(path, std::move(fd));
}

absl::Status InstanceLock::Renew() {
  if (FileIdentity::At(path_) == FileIdentity::Of(fd_.get())) return absl::OkStatus();
  ZB_ASSIGN_OR_RETURN(InstanceLock renewed, Take(path_));
  *this = std::move(renewed);
  return absl::OkStatus();
}

}  // namespace zbroker::engine
