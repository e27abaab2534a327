// Reaching the daemon. Internal to this folder: it shows gRPC.
#ifndef ZBROKER_CLIENT_BROKER_CONNECT_H_
#define ZBROKER_CLIENT_BROKER_CONNECT_H_

#include <grpcpp/channel.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/base/clock.h"

namespace zbroker::broker {

struct ConnectOptions {
  std::string socket_path;
  bool start_daemon = true;
  // How long to try. A daemon that was started gets a few seconds in any case.
  absl::Duration timeout;
  const Clock* clock = &Clock::System();
};

// A channel over one connection to the socket. It does not reconnect by itself: when the connection
// ends, its calls fail with UNAVAILABLE. Tries again every 10 to 200 ms while nobody listens, and
// asks `cancelled` in between. Errors: UNAVAILABLE with the cause and the way out, CANCELLED,
// PERMISSION_DENIED, INVALID_ARGUMENT, and those of DaemonStarter::Tend() at once.
absl::StatusOr<std::shared_ptr<grpc::Channel>> Connect(const ConnectOptions& options,
                                                       const std::function<bool()>& cancelled);

}  // namespace zbroker::broker

#endif  // ZBROKER_CLIENT_BROKER_CONNECT_H_
