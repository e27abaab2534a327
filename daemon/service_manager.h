// What a service manager passes to and wants from a daemon (sd_listen_fds(3), sd_notify(3)).
#ifndef ZBROKER_DAEMON_SERVICE_MANAGER_H_
#define ZBROKER_DAEMON_SERVICE_MANAGER_H_

#include "absl/strings/string_view.h"
#include "client/base/fd.h"

namespace zbroker {

// The listening socket that the service manager opened for us; invalid when there is none. Takes it
// out of the environment. Call once, before there are threads.
Fd TakeInheritedSocket();

// Tells the service manager "READY=1" and the like. Without one, does nothing.
void NotifyServiceManager(absl::string_view state);

}  // namespace zbroker

#endif  // ZBROKER_DAEMON_SERVICE_MANAGER_H_
