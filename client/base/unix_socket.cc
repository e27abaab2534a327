#include "client/base/unix_socket.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "client/base/status.h"

namespace zbroker {
namespace {

sockaddr_un Address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  memcpy(address.sun_path, path.data(), path.size());
  return address;
}

// What else there is at the path, if anything, belongs to somebody.
bool IsSocketOrAbsent(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) != 0 || S_ISSOCK(info.st_mode);
}

Fd NewSocket() { return Fd(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)); }

}  // namespace

absl::Status CheckSocketPath(const std::string& path) {
  constexpr size_t kLongest = sizeof(sockaddr_un::sun_path) - 1;
  if (path.empty()) return absl::InvalidArgumentError("the socket path is empty");
  if (path.size() > kLongest) {
    return absl::InvalidArgumentError(
        absl::StrCat("the socket path ", path.substr(0, 60), "… is ", path.size(),
                     " bytes long; the kernel takes ", kLongest,
                     ": name a shorter one with --socket or ZBROKER_SOCKET"));
  }
  if (!IsSocketOrAbsent(path)) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " is no socket: name another path with --socket or ZBROKER_SOCKET"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Fd> ConnectUnix(const std::string& path) {
  ZB_RETURN_IF_ERROR(CheckSocketPath(path));
  Fd fd = NewSocket();
  if (!fd.valid()) return ErrnoToStatus(errno, "can't make a socket");
  const sockaddr_un address = Address(path);
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return ErrnoToStatus(errno, absl::StrCat("can't connect to ", path));
  }
  return fd;
}

absl::StatusOr<Fd> ListenUnix(const std::string& path, unsigned mode) {
  ZB_RETURN_IF_ERROR(CheckSocketPath(path));
  Fd fd = NewSocket();
  if (!fd.valid()) return ErrnoToStatus(errno, "can't make a socket");
  RemoveSocket(path);
  const sockaddr_un address = Address(path);
  // Nobody can connect before listen(), so the mode is in force before it matters.
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      chmod(path.c_str(), mode) != 0 || listen(fd.get(), 4096) != 0) {
    return ErrnoToStatus(errno, absl::StrCat("can't listen on ", path));
  }
  return fd;
}

void RemoveSocket(const std::string& path) {
  if (IsSocketOrAbsent(path)) unlink(path.c_str());
}

absl::StatusOr<ucred> PeerCredentials(int fd) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) {
    return ErrnoToStatus(errno, "can't tell who connected");
  }
  return credentials;
}

}  // namespace zbroker
