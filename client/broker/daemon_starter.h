// Starting the daemon on demand.
//
// The daemon runs in a session of its own, with no ties to whoever happened to start it, and logs
// to zbrokerd.log in the state directory. Many clients may find it missing at the same moment: a
// lock lets one of them start it while the others wait. A daemon that a service manager owns is
// left to that.
#ifndef ZBROKER_CLIENT_BROKER_DAEMON_STARTER_H_
#define ZBROKER_CLIENT_BROKER_DAEMON_STARTER_H_

#include <string>

#include "absl/status/status.h"
#include "client/base/clock.h"
#include "client/base/fd.h"

namespace zbroker::broker {

// A file of the state directory that packaging writes when it gives the daemon to a service
// manager: one line, the command that shows the service's state.
inline constexpr char kServiceMarker[] = "service";

// For one attempt to reach the daemon; the lock is held until destroyed. Not thread-safe.
class DaemonStarter {
 public:
  explicit DaemonStarter(std::string socket_path) : socket_path_(std::move(socket_path)) {}

  // False when a service manager owns the daemon of this socket.
  bool MayStart() const;

  // Starts it, or leaves that to another client that is about to. Errors: the directory can't be
  // used, or the program can't be run.
  absl::Status Start();

  // Whether the daemon that Start() started has ended again, and had the time to be replaced.
  bool Failed() const;

  // What a person can do about an unreachable daemon; the end of an error message.
  std::string Advice() const;

 private:
  absl::Status Launch(const std::string& program, const std::string& log_path);

  const std::string socket_path_;
  std::string state_dir_;
  Fd lock_;
  Fd pidfd_;  // of the daemon we started
  mutable BootTime ended_at_ = BootTime::InfiniteFuture();
};

}  // namespace zbroker::broker

#endif  // ZBROKER_CLIENT_BROKER_DAEMON_STARTER_H_
