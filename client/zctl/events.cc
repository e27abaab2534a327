// zctl events: what has happened, and with --follow what happens, over restarts of the daemon.
#include <algorithm>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/base/proto_time.h"
#include "client/base/status.h"
#include "client/broker/control_client.h"
#include "client/zctl/commands.h"
#include "client/zctl/event_view.h"
#include "client/zctl/message_json.h"

namespace zbroker::zctl {
namespace {

// A screenful, and what one wants to see of the past before it goes on.
constexpr uint32_t kShown = 50;
constexpr uint32_t kShownBefore = 10;
constexpr absl::Duration kPauseShortest = absl::Milliseconds(100);
constexpr absl::Duration kPauseLongest = absl::Seconds(1);

v1::WatchEventsRequest RequestFor(const EventsCommand& command) {
  v1::WatchEventsRequest request;
  request.set_account(command.account);
  for (const std::string& kind : command.kinds) request.add_kinds(kind);
  request.set_follow(command.follow);
  if (command.since) {
    SetProtoTime(absl::Now() - *command.since, request.mutable_since());
  } else {
    request.set_latest(command.follow ? kShownBefore : kShown);
  }
  return request;
}

// What the daemon said itself, which a second try would not change.
bool IsFinal(const absl::Status& status) {
  return absl::IsInvalidArgument(status) || absl::IsPermissionDenied(status) ||
         absl::IsUnimplemented(status) || absl::IsResourceExhausted(status);
}

absl::Status Follow(const EventsCommand& command, Console& console) {
  v1::WatchEventsRequest request = RequestFor(command);
  absl::Duration pause = kPauseShortest;
  bool connected = false;
  for (;;) {
    absl::Status printed;
    absl::Status ended;
    // A daemon that somebody stops later is not ours to revive.
    auto client = broker::ControlClient::Connect({.start_daemon = !connected});
    if (client.ok()) {
      ended = (*client)->WatchEvents(request, [&](const v1::EventPage& page) {
        pause = kPauseShortest;
        for (const v1::Event& event : page.events()) {
          request.set_after(event.id());
          request.clear_latest();
          printed =
              console.Print(command.json ? absl::StrCat(ToAnswer(event, JsonStyle::kOneLine), "\n")
                                         : RenderEvent(event, absl::Now(), console.view()));
          if (!printed.ok()) return false;
        }
        return true;
      });
      connected = true;
    } else {
      ended = client.status();
    }
    ZB_RETURN_IF_ERROR(printed);
    if (IsFinal(ended) || !connected) return ended;
    absl::SleepFor(pause);
    pause = std::min(2 * pause, kPauseLongest);
  }
}

}  // namespace

absl::Status Run(const EventsCommand& command, Console& console) {
  if (command.follow) return Follow(command, console);
  ZB_ASSIGN_OR_RETURN(const auto client, broker::ControlClient::Connect({}));
  v1::EventPage all;
  ZB_RETURN_IF_ERROR(client->WatchEvents(RequestFor(command), [&](const v1::EventPage& page) {
    all.MergeFrom(page);
    return true;
  }));
  if (command.json) return console.PrintJson(all);
  return console.Print(RenderEvents(all, absl::Now(), console.view()));
}

}  // namespace zbroker::zctl
