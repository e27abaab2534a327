#include "client/base/status.h"

#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "absl/time/clock.h"
#include "client/base/fd.h"
#include "client/base/gateway_record.h"
#include "client/base/paths.h"
#include "client/base/process.h"
#include "client/base/proto_time.h"
#include "client/base/unix_socket.h"
#include "client/broker/control_client.h"
#include "client/zctl/carry_out.h"
#include "client/zctl/commands.h"
#include "client/zctl/exit_code.h"
#include "client/zctl/status_view.h"
#include "client/zctl/watch.h"
#include "client/zctl/watch_view.h"

namespace zbroker::zctl {
namespace {

using broker::ControlClient;

// What only this user's state directory tells.
v1::Status WithGateways(v1::Status status) {
  for (const GatewayRecord& one : RunningGateways(StateDirectory().value_or(""))) {
    v1::GatewayInfo& gateway = *status.add_gateways();
    gateway.set_address(one.address());
    gateway.set_upstream(one.upstream);
    gateway.set_account(one.account);
    gateway.set_pid(one.pid);
    SetProtoTime(one.started, gateway.mutable_started());
  }
  return status;
}

// A daemon in a container says its pid in there; the kernel knows the one that we see.
v1::Status WithPidOfOurs(v1::Status status) {
  if (!status.daemon().in_container()) return status;
  const auto socket = SocketPath();
  const auto connection = socket.ok() ? ConnectUnix(*socket) : socket.status();
  const auto peer = connection.ok() ? PeerCredentials(connection->get()) : connection.status();
  if (!peer.ok()) return status;
  // It is who began to listen, which may have been a service manager.
  const auto stat = ReadProcessStat(peer->pid);
  if (stat && stat->name == "zbrokerd") status.mutable_daemon()->set_pid(peer->pid);
  return status;
}

v1::Status WithWhatWeSee(v1::Status status) {
  return WithPidOfOurs(WithGateways(std::move(status)));
}

// Who watches must not revive a daemon that somebody has stopped, by an order neither.
std::string CarryOutOrderOf(const WatchKeys::Order& order) {
  const auto client = ControlClient::Connect({.start_daemon = false});
  if (!client.ok()) return MessageFor(client.status());
  const auto told =
      std::visit([&](const auto& one) { return CarryOut(one, **client, ViewOptions()); }, order);
  return told.ok() ? *told : MessageFor(told.status());
}

absl::Status Watch(const StatusCommand& command, Console& console) {
  const std::unique_ptr<WatchView> view = MakeWatchView(console, command, CarryOutOrderOf);
  // Only the first time.
  bool start_daemon = true;
  const WatchOnce watch_once =
      [&](const std::function<bool(const v1::Status&)>& each) -> absl::Status {
    ZB_ASSIGN_OR_RETURN(
        const auto client,
        ControlClient::Connect({.start_daemon = std::exchange(start_daemon, false)}));
    return client->WatchStatus(command.account, command.interval, [&](const v1::Status& status) {
      return each(WithWhatWeSee(status));
    });
  };
  return KeepWatching(watch_once, absl::SleepFor, *view);
}

}  // namespace

absl::Status Run(const StatusCommand& command, Console& console) {
  if (command.watch) return Watch(command, console);
  ZB_ASSIGN_OR_RETURN(const auto client, ControlClient::Connect({}));
  ZB_ASSIGN_OR_RETURN(v1::Status reply, client->GetStatus(command.account));
  const v1::Status status = WithWhatWeSee(std::move(reply));
  if (command.json) return console.PrintJson(status);
  return console.Print(RenderStatus(status, console.view()));
}

}  // namespace zbroker::zctl
