// The daemon's Unix socket, as a file that others can remove.
#ifndef ZBROKER_DAEMON_SOCKET_FILE_H_
#define ZBROKER_DAEMON_SOCKET_FILE_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/base/fd.h"
#include "client/base/file_identity.h"
#include "daemon/engine/instance_lock.h"

namespace zbroker {

class SocketFile {
 public:
  // The path is ours from then on: a lock file beside it keeps other daemons off. Errors: those of
  // CheckSocketPath, PreparePrivateDirectory and InstanceLock::Take.
  static absl::StatusOr<SocketFile> Reserve(const std::string& path);
  SocketFile(SocketFile&& other) = default;
  SocketFile& operator=(SocketFile&& other) = default;

  const std::string& path() const { return path_; }

  // A listening, non-blocking socket. Errors: those of ListenUnix.
  absl::StatusOr<Fd> Listen();

  // To be called once a second after Listen(): a new socket to listen on, if the file was removed;
  // else none. One that somebody has put in its place is left alone. Errors as Reserve and Listen.
  absl::StatusOr<std::optional<Fd>> ListenAgainIfRemoved();

  // Removes the file, if it is ours.
  void Remove();

 private:
  SocketFile(std::string path, engine::InstanceLock lock)
      : path_(std::move(path)), lock_(std::move(lock)) {}

  std::string path_;
  engine::InstanceLock lock_;
  FileIdentity identity_;
};

}  // namespace zbroker

#endif  // ZBROKER_DAEMON_SOCKET_FILE_H_
