#include "client/base/status.h"

#include <memory>
#include <utility>

#include "absl/time/clock.h"
#include "client/broker/control_client.h"
#include "client/zctl/commands.h"
#include "client/zctl/status_view.h"
#include "client/zctl/watch.h"
#include "client/zctl/watch_view.h"

namespace zbroker::zctl {
namespace {

using broker::ControlClient;

absl::Status Watch(const StatusCommand& command, Console& console) {
  const std::unique_ptr<WatchView> view = MakeWatchView(console, command.json);
  // Only the first time: who watches must not revive a daemon that somebody has stopped.
  bool start_daemon = true;
  const WatchOnce watch_once =
      [&](const std::function<bool(const v1::Status&)>& each) -> absl::Status {
    ZB_ASSIGN_OR_RETURN(
        const auto client,
        ControlClient::Connect({.start_daemon = std::exchange(start_daemon, false)}));
    return client->WatchStatus(command.account, command.interval, each);
  };
  return KeepWatching(watch_once, absl::SleepFor, *view);
}

}  // namespace

absl::Status Run(const StatusCommand& command, Console& console) {
  if (command.watch) return Watch(command, console);
  ZB_ASSIGN_OR_RETURN(const auto client, ControlClient::Connect({}));
  ZB_ASSIGN_OR_RETURN(const v1::Status status, client->GetStatus(command.account));
  if (command.json) return console.PrintJson(status);
  return console.Print(RenderStatus(status, console.view()));
}

}  // namespace zbroker::zctl
