// What a service manager wants from a daemon (sd_notify(3)).
#ifndef ZBROKER_DAEMON_SERVICE_MANAGER_H_
#define ZBROKER_DAEMON_SERVICE_MANAGER_H_

#include "absl/strings/string_view.h"

namespace zbroker {

// Tells the service manager "READY=1" and the like. Without one, does nothing.
void NotifyServiceManager(absl::string_view state);

}  // namespace zbroker

#endif  // ZBROKER_DAEMON_SERVICE_MANAGER_H_
