// A socket that a service manager opened for us (sd_listen_fds(3)).
#ifndef ZBROKER_CLIENT_BASE_INHERITED_SOCKET_H_
#define ZBROKER_CLIENT_BASE_INHERITED_SOCKET_H_

#include "client/base/fd.h"

namespace zbroker {

// The first one, which listens and does not block; invalid when there is none. Takes it out of the
// environment. Call once, before there are threads.
Fd TakeInheritedSocket();

}  // namespace zbroker

#endif  // ZBROKER_CLIENT_BASE_INHERITED_SOCKET_H_
