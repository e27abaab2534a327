#include "client/broker/broker_client.h"

#include <future>
#include <utility>

#include "client/base/paths.h"
#include "client/base/status.h"
#include "client/broker/connected_client.h"
#include "client/broker/daemon_transport.h"

namespace zbroker::broker {

absl::StatusOr<std::unique_ptr<BrokerClient>> BrokerClient::Create(Options options) {
  if (options.socket_path.empty()) {
    ZB_ASSIGN_OR_RETURN(options.socket_path, SocketPath());
  }
  return std::make_unique<ConnectedClient>(
      options,
      std::make_unique<DaemonTransport>(options.socket_path, options.start_daemon, *options.clock));
}

absl::StatusOr<Lease> BrokerClient::Acquire(v1::Acquire request) {
  auto ended = std::make_shared<std::promise<absl::StatusOr<Lease>>>();
  std::future<absl::StatusOr<Lease>> end = ended->get_future();
  StartAcquire(std::move(request), {.on_end = [ended](absl::StatusOr<Lease> lease) {
                 ended->set_value(std::move(lease));
               }});
  return end.get();
}

}  // namespace zbroker::broker
