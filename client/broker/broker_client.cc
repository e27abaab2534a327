#include "client/broker/broker_client.h"

#include <future>
#include <utility>

#include "client/base/paths.h"
#include "client/base/status.h"
#include "client/broker/client_state.h"

namespace zbroker::broker {

absl::StatusOr<std::unique_ptr<BrokerClient>> BrokerClient::Create(Options options) {
  if (options.socket_path.empty()) {
    ZB_ASSIGN_OR_RETURN(options.socket_path, SocketPath());
  }
  return std::unique_ptr<BrokerClient>(
      new BrokerClient(std::make_shared<ClientState>(std::move(options))));
}

BrokerClient::~BrokerClient() { state_->CancelAll(); }

std::string BrokerClient::StartAcquire(v1::Acquire request, Callbacks callbacks) {
  return state_->StartAcquire(std::move(request), std::move(callbacks));
}

void BrokerClient::Cancel(const std::string& ticket, bool keep_place) {
  state_->CancelAcquire(ticket, keep_place);
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
