// Starting the daemon on demand.
//
// The daemon runs in a session of its own, with no ties to whoever happened to start it, and logs
// to zbrokerd.log in the state directory. Many clients may find it missing at the same moment: a
// lock lets one of them start it while the others wait. A daemon that a service manager owns is
// left to that; and in a container, one whose socket was mounted to those outside. In a container
// without one a daemon is started for the container alone, as on a build server: that others use
// the account outside can't be known from in there, so zlease says what it has started. One that
// ends before it serves, because it was killed, or because another still holds the ledger's lock or
// has to be started outside of this container, is started again after a pause.
#ifndef ZBROKER_CLIENT_BROKER_DAEMON_STARTER_H_
#define ZBROKER_CLIENT_BROKER_DAEMON_STARTER_H_

#include <sys/types.h>

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "client/base/clock.h"
#include "client/base/fd.h"
#include "client/broker/backoff.h"

namespace zbroker::broker {

// A file of the state directory that packaging writes when it gives the daemon to a service
// manager: one line, the command that shows the service's state.
inline constexpr char kServiceMarker[] = "service";

// For one attempt to reach the daemon; the lock is held until destroyed. Not thread-safe.
class DaemonStarter {
 public:
  DaemonStarter(std::string socket_path, const Clock& clock)
      : socket_path_(std::move(socket_path)), clock_(clock) {}

  // False when a service manager owns the daemon of this socket, or the socket is that of a daemon
  // outside of the container that we are in.
  bool MayStart() const;

  // To be called again and again until the socket answers: starts the daemon, unless the one that
  // it started runs, another client is about to start one, or the last one has ended just now.
  // Errors, UNAVAILABLE, for which IsFailedStart() holds: the directory can't be used, the program
  // can't be run, or the daemon says itself why it can't serve.
  absl::Status Tend();

  // Why the last daemon that was started does not serve; OK: nothing is known.
  const absl::Status& setback() const { return setback_; }

  // What a person can do about an unreachable daemon; the end of an error message.
  std::string Advice() const;

 private:
  bool IsOutside() const;
  absl::Status Start();
  absl::Status Launch(const std::string& log_path);

  const std::string socket_path_;
  const Clock& clock_;
  std::string state_dir_;
  std::string program_;
  Fd lock_;
  Fd report_;             // valid: a daemon that we started runs
  off_t log_begin_ = -1;  // what the log's size was before the first one
  absl::Status setback_;
  Backoff pause_{absl::Milliseconds(100), absl::Seconds(1)};
  BootTime start_again_at_;
};

// Whether a daemon was started and can't run: until somebody mends what it says, the next one won't
// either.
bool IsFailedStart(const absl::Status& status);

}  // namespace zbroker::broker

#endif  // ZBROKER_CLIENT_BROKER_DAEMON_STARTER_H_
