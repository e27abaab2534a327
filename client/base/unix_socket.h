// Unix stream sockets.
#ifndef ZBROKER_CLIENT_BASE_UNIX_SOCKET_H_
#define ZBROKER_CLIENT_BASE_UNIX_SOCKET_H_

#include <sys/socket.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/base/fd.h"

namespace zbroker {

// Errors of the first three: INVALID_ARGUMENT when the path is longer than the kernel takes (107
// bytes), or names what is no socket.

absl::Status CheckSocketPath(const std::string& path);

// A connected, non-blocking socket. NOT_FOUND: no such path; UNAVAILABLE: nobody listens;
// PERMISSION_DENIED: not for us.
absl::StatusOr<Fd> ConnectUnix(const std::string& path);

// A listening, non-blocking socket with the given mode. Replaces the socket that is at the path, if
// there is one: the caller makes sure that nobody else uses it.
absl::StatusOr<Fd> ListenUnix(const std::string& path, unsigned mode);

// Removes the socket, if there is one, and nothing else.
void RemoveSocket(const std::string& path);

// The process at the other end, as the kernel recorded it when it connected.
absl::StatusOr<ucred> PeerCredentials(int fd);

}  // namespace zbroker

#endif  // ZBROKER_CLIENT_BASE_UNIX_SOCKET_H_
