// The BrokerClient that programs use. Internal to this folder; tests give it a transport of theirs.
#ifndef ZBROKER_CLIENT_BROKER_CONNECTED_CLIENT_H_
#define ZBROKER_CLIENT_BROKER_CONNECTED_CLIENT_H_

#include <memory>
#include <string>

#include "client/broker/broker_client.h"
#include "client/broker/connection.h"
#include "client/broker/transport.h"

namespace zbroker::broker {

class ConnectedClient final : public BrokerClient {
 public:
  ConnectedClient(const Options& options, std::unique_ptr<Transport> transport)
      : share_(Connection::Create(options, std::move(transport))) {}
  ~ConnectedClient() override { share_->connection().CancelAll(); }

  // Callbacks may end this client, so a copy of the share lasts as long as a call.
  std::string StartAcquire(v1::Acquire request, Callbacks callbacks) override {
    const std::shared_ptr<ConnectionShare> share = share_;
    return share->connection().StartAcquire(std::move(request), std::move(callbacks));
  }
  void Cancel(const std::string& ticket, bool keep_place) override {
    const std::shared_ptr<ConnectionShare> share = share_;
    share->connection().CancelAcquire(ticket, keep_place);
  }

 private:
  const std::shared_ptr<ConnectionShare> share_;
};

}  // namespace zbroker::broker

#endif  // ZBROKER_CLIENT_BROKER_CONNECTED_CLIENT_H_
