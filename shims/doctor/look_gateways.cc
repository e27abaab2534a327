#include "client/base/gateway_record.h"
#include "shims/doctor/looks.h"
#include "shims/doctor/process_files.h"
#include "shims/doctor/tcp_table.h"
#include "shims/tools/known_gateway.h"

namespace zbroker::doctor {
namespace {

// Whether who connects to loopback may reach what listens there.
bool IsReachedByLoopback(const Address& address) {
  static const Address* const kLoopback4 = new Address("\x7f\0\0\x01", 4);
  if (address == *kLoopback4) return true;
  if (address.find_first_not_of('\0') == Address::npos) return true;  // any
  return address.size() == 16 && address.find_first_not_of('\0') == 15 && address[15] == 1;
}

}  // namespace

GatewaysSeen LookAtGateways() {
  GatewaysSeen seen;
  const auto surroundings = tools::Surroundings::OfProcess();
  const std::string state_directory = surroundings->state_directory();
  for (GatewayRecord& record : RunningGateways(state_directory)) {
    GatewayFacts gateway{.record = std::move(record)};
    gateway.has_kept_token =
        tools::IsKnownGateway(gateway.record.url, state_directory, *surroundings);
    gateway.replaced = IsReplaced(gateway.record.pid, "zlease-gateway");
    seen.gateways.push_back(std::move(gateway));
  }
  for (const TcpSocket& socket : ReadTcpTables()) {
    if (socket.state == TcpSocket::kListening && IsReachedByLoopback(socket.local)) {
      seen.listeners.push_back({socket.local_port, socket.user});
    }
  }
  return seen;
}

}  // namespace zbroker::doctor
