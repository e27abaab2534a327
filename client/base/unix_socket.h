// Unix stream sockets.
#ifndef ZBROKER_CLIENT_BASE_UNIX_SOCKET_H_
#define ZBROKER_CLIENT_BASE_UNIX_SOCKET_H_

#include <sys/socket.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/base/fd.h"

namespace zbroker {

// Errors of all three: INVALID_ARGUMENT when the path is longer than the kernel takes (107 bytes).

absl::Status CheckSocketPath(const std::string& path);

// A connected, non-blocking socket. NOT_FOUND: no such path; UNAVAILABLE: nobody listens;
// PERMISSION_DENIED: not for us.
absl::StatusOr<Fd> ConnectUnix(const std::string& path);

// A listening, non-blocking socket with the given mode. Replaces what is at the path: the caller
// makes sure that nobody else uses it.
absl::StatusOr<Fd> ListenUnix(const std::string& path, unsigned mode);

// The process at the other end, as the kernel recorded it when it connected.
absl::StatusOr<ucred> PeerCredentials(int fd);

}  // namespace zbroker

#endif  // ZBROKER_CLIENT_BASE_UNIX_SOCKET_H_
