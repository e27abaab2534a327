#include "client/base/paths.h"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <climits>
#include <cstdlib>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/base/status.h"

namespace zbroker {
namespace {

std::string Environment(const char* name) {
  const char* value = getenv(name);
  return value == nullptr ? "" : value;
}

// A path that means the same to whoever inherits the variable, such as a daemon that is started;
// empty if it is not set.
absl::StatusOr<std::string> PathIn(const char* name) {
  std::string path = Environment(name);
  if (path.empty() || path[0] == '/') return path;
  return absl::InvalidArgumentError(
      absl::StrCat(name, "=", path, " is no absolute path, which begins with a /"));
}

// What is hidden from us counts as there: to go on without it would be to ignore it in silence.
bool Exists(const std::string& path) {
  return access(path.c_str(), F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

absl::Status MakeWithParents(const std::string& path) {
  for (size_t at = 0; at != std::string::npos && at < path.size();) {
    at = path.find('/', at + 1);
    const std::string part = path.substr(0, at);
    if (mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) {
      return ErrnoToStatus(errno, absl::StrCat("can't make the directory ", part));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> HomeDirectory() {
  if (std::string home = Environment("HOME"); !home.empty()) return home;
  std::vector<char> buffer(16 << 10);
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(geteuid(), &entry, buffer.data(), buffer.size(), &found) != 0 ||
      found == nullptr || found->pw_dir == nullptr || found->pw_dir[0] == '\0') {
    return absl::FailedPreconditionError(
        absl::StrCat("user ", geteuid(), " has no home directory: set HOME or ZBROKER_STATE_DIR"));
  }
  return std::string(found->pw_dir);
}

absl::StatusOr<std::string> StateDirectory() {
  ZB_ASSIGN_OR_RETURN(std::string dir, PathIn("ZBROKER_STATE_DIR"));
  if (!dir.empty()) return dir;
  ZB_ASSIGN_OR_RETURN(const std::string home, HomeDirectory());
  return absl::StrCat(home, "/.local/state/zbroker");
}

absl::StatusOr<std::string> SocketPath() {
  ZB_ASSIGN_OR_RETURN(std::string path, PathIn("ZBROKER_SOCKET"));
  if (!path.empty()) return path;
  const bool own_state = !Environment("ZBROKER_STATE_DIR").empty();
  if (!own_state && Exists(std::string(kSystemSocket))) return std::string(kSystemSocket);
  ZB_ASSIGN_OR_RETURN(const std::string state, StateDirectory());
  return absl::StrCat(state, "/broker.sock");
}

std::string ConfigPath() {
  if (std::string path = Environment("ZBROKER_CONFIG"); !path.empty()) return path;
  if (const auto home = HomeDirectory(); home.ok()) {
    const std::string own = absl::StrCat(*home, "/.config/zbroker/config.toml");
    if (Exists(own)) return own;
  }
  const std::string machine = "/etc/zbroker/config.toml";
  return Exists(machine) ? machine : "";
}

absl::Status PreparePrivateDirectory(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) {
    ZB_RETURN_IF_ERROR(MakeWithParents(path));
    if (stat(path.c_str(), &info) != 0) {
      return ErrnoToStatus(errno, absl::StrCat("can't use the directory ", path));
    }
  }
  if (!S_ISDIR(info.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(path, " is not a directory"));
  }
  if (info.st_uid != geteuid()) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " belongs to user ", info.st_uid, ", not to us (", geteuid(),
                     "): name another with --state-dir or ZBROKER_STATE_DIR"));
  }
  if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " is writable by others: chmod go-w ", path));
  }
  if (access(path.c_str(), R_OK | W_OK | X_OK) != 0) {
    return ErrnoToStatus(errno, absl::StrCat("the directory ", path, " is not writable"));
  }
  return absl::OkStatus();
}

std::string ExecutableDirectory() {
  char path[PATH_MAX];
  const ssize_t size = readlink("/proc/self/exe", path, sizeof path);
  if (size <= 0 || size == ssize_t{sizeof path}) return "";
  const std::string full(path, static_cast<size_t>(size));
  return full.substr(0, full.rfind('/'));
}

}  // namespace zbroker
