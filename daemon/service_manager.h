// What a service manager wants from a daemon (sd_notify(3)).
#ifndef ZBROKER_DAEMON_SERVICE_MANAGER_H_
#define ZBROKER_DAEMON_SERVICE_MANAGER_H_

#include <string>

#include "absl/strings/string_view.h"
#include "client/base/clock.h"
#include "client/base/mutex.h"

namespace zbroker {

// Tells the service manager "READY=1" and the like. Without one, does nothing.
void NotifyServiceManager(absl::string_view state);

// Whether there is one that listens.
bool HasServiceManager();

// When the service manager is told that the daemon works (WATCHDOG=1): once for each look at the
// engine that was answered, if the engine's own thread was at work since the look before. A daemon
// whose ledger can't be written works, as another one could do no better; one that hangs in writing
// does not answer. Thread-safe.
class Watchdog {
 public:
  // Another look is taken.
  void LookTaken(BootTime at);
  // The last look, or an earlier one, was answered. Returns whether to say that all is well.
  bool LookAnswered(BootTime thread_seen);

 private:
  Mutex mutex_;
  BootTime look_ ABSL_GUARDED_BY(mutex_);
  BootTime look_before_ ABSL_GUARDED_BY(mutex_);
};

// What has been told of the daemon's state, so that it is told again only when it has changed.
// Thread-safe.
class StatusLine {
 public:
  // Returns whether the text differs from the last one.
  bool Changes(const std::string& text);

 private:
  Mutex mutex_;
  std::string text_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace zbroker

#endif  // ZBROKER_DAEMON_SERVICE_MANAGER_H_
