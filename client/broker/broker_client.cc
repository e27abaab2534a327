#include "client/broker/broker_client.h"

#include <future>
#include <utility>

#include "client/base/paths.h"
#include "client/base/status.h"
#include "client/broker/client_state.h"

namespace zbroker::broker {

namespace {

class ConnectedClient final : public BrokerClient {
 public:
  explicit ConnectedClient(Options options)
      : state_(std::make_shared<ClientState>(std::move(options))) {}
  ~ConnectedClient() override { state_->CancelAll(); }

  std::string StartAcquire(v1::Acquire request, Callbacks callbacks) override {
    return state_->StartAcquire(std::move(request), std::move(callbacks));
  }
  void Cancel(const std::string& ticket, bool keep_place) override {
    state_->CancelAcquire(ticket, keep_place);
  }

 private:
  const std::shared_ptr<ClientState> state_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<BrokerClient>> BrokerClient::Create(Options options) {
  if (options.socket_path.empty()) {
    ZB_ASSIGN_OR_RETURN(options.socket_path, SocketPath());
  }
  return std::make_unique<ConnectedClient>(std::move(options));
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
