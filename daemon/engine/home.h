// The state directory of a running daemon, and the right to be the only one on it.
#ifndef ZBROKER_DAEMON_ENGINE_HOME_H_
#define ZBROKER_DAEMON_ENGINE_HOME_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/base/file_identity.h"
#include "daemon/engine/instance_lock.h"
#include "daemon/engine/name_lock.h"

namespace zbroker::engine {

// Two locks, because one goes with the directory: who removes it must not get a second daemon that
// grants the slots which the first one's leases still have. Move-only.
class Home {
 public:
  // Makes the directory if it is absent. Errors: those of PreparePrivateDirectory; ALREADY_EXISTS,
  // naming the pid, when another daemon has it; that of MarkForMachine.
  static absl::StatusOr<Home> Take(const std::string& path);

  const std::string& path() const { return path_; }

  // To be called once a second. UNAVAILABLE when the directory was removed, or another one is at
  // its path.
  absl::Status Check();

 private:
  Home(std::string path, FileIdentity identity, InstanceLock lock, NameLock name_lock)
      : path_(std::move(path)),
        identity_(identity),
        lock_(std::move(lock)),
        name_lock_(std::move(name_lock)) {}

  std::string path_;
  FileIdentity identity_;
  InstanceLock lock_;
  NameLock name_lock_;
};

}  // namespace zbroker::engine

#endif  // ZBROKER_DAEMON_ENGINE_HOME_H_
