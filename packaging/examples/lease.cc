// A request under a lease. c++ -std=c++20 lease.cc $(pkg-config --cflags --libs zbroker) -o lease
#include <iostream>

#include "client/broker/broker_client.h"

using namespace zbroker;

int main() {
  auto client = broker::BrokerClient::Create({.client_name = "lease.cc"});
  if (!client.ok()) return std::cerr << client.status() << "\n", 1;
  v1::Acquire request;
  request.set_model("glm-4.7");
  auto lease = (*client)->Acquire(request);  // waits for its turn
  if (!lease.ok()) return std::cerr << lease.status() << "\n", 1;
  std::cout << "lease " << lease->id() << " after " << lease->waited() << std::endl;
  // … the request to the provider …
  const absl::Status released = lease->Release(v1::OUTCOME_OK, {}, absl::Seconds(5));
  return released.ok() ? 0 : 1;
}
