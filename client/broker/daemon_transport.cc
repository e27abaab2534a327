#include "client/broker/daemon_transport.h"

#include "client/base/status.h"
#include "client/broker/connect.h"
#include "client/broker/session.h"

namespace zbroker::broker {

absl::StatusOr<std::unique_ptr<Stream>> DaemonTransport::Open(
    Stream::Callbacks callbacks, const std::function<bool()>& cancelled) {
  ZB_ASSIGN_OR_RETURN(auto channel, Connect({.socket_path = socket_path_,
                                             .start_daemon = start_daemon_,
                                             .timeout = absl::ZeroDuration(),
                                             .clock = &clock_},
                                            cancelled));
  return Session::Start(std::move(channel), std::move(callbacks));
}

}  // namespace zbroker::broker
