// Makes two daemons on one ledger, or on one socket, impossible.
#ifndef ZBROKER_DAEMON_ENGINE_INSTANCE_LOCK_H_
#define ZBROKER_DAEMON_ENGINE_INSTANCE_LOCK_H_

#include <string>

#include "absl/status/statusor.h"
#include "client/base/fd.h"

namespace zbroker::engine {

// Holds an exclusive lock on a file, which keeps our pid for people to read, until destroyed or the
// process ends. The file stays. Move-only.
class InstanceLock {
 public:
  // Errors: ALREADY_EXISTS, naming the pid, when another process holds it.
  static absl::StatusOr<InstanceLock> Take(const std::string& path);

  // Takes the lock of the file that is at the path now, if the one that is locked was removed.
  // Errors as Take; the old lock is kept then.
  absl::Status Renew();

 private:
  InstanceLock(std::string path, Fd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  std::string path_;
  Fd fd_;
};

}  // namespace zbroker::engine

#endif  // ZBROKER_DAEMON_ENGINE_INSTANCE_LOCK_H_
