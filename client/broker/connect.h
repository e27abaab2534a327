// Reaching the daemon. Internal to this folder: it shows gRPC.
#ifndef ZBROKER_CLIENT_BROKER_CONNECT_H_
#define ZBROKER_CLIENT_BROKER_CONNECT_H_

#include <grpcpp/channel.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace zbroker::broker {

struct ConnectOptions {
  std::string socket_path;
  bool start_daemon = true;
  // How long to try. A daemon that was started gets a few seconds in any case.
  absl::Duration timeout;
};

// A channel over one connection to the socket. It does not reconnect by itself: when the connection
// ends, its calls fail with UNAVAILABLE. Tries again every 10 to 200 ms while nobody listens, and
// asks `cancelled` in between. Errors: UNAVAILABLE with the cause and the way out, CANCELLED,
// PERMISSION_DENIED and INVALID_ARGUMENT at once.
absl::StatusOr<std::shared_ptr<grpc::Channel>> Connect(const ConnectOptions& options,
                                                       const std::function<bool()>& cancelled);

// Whether Connect() failed because a daemon was started and could not run: until somebody mends
// what its log says, the next one won't either.
bool IsFailedStart(const absl::Status& status);

}  // namespace zbroker::broker

#endif  // ZBROKER_CLIENT_BROKER_CONNECT_H_
