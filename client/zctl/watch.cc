#include "client/zctl/watch.h"

#include <algorithm>

#include "client/base/status.h"

namespace zbroker::zctl {
namespace {

constexpr absl::Duration kShortestPause = absl::Milliseconds(100);
constexpr absl::Duration kLongestPause = absl::Seconds(1);

// An answer that a second try would not change. A daemon that goes away has many ways to say so,
// from the clean end of a stream to a broken connection; it has few to refuse.
bool IsRefusal(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnimplemented:
      return true;
    default:
      return false;
  }
}

}  // namespace

absl::Status KeepWatching(const WatchOnce& watch_once, const Pause& pause, WatchView& view) {
  absl::Duration next_pause = kShortestPause;
  bool seen = false;
  bool away = false;
  for (;;) {
    absl::Status shown;
    const absl::Status ended = watch_once([&](const v1::Status& status) {
      seen = true;
      away = false;
      next_pause = kShortestPause;
      shown = view.Show(status);
      return shown.ok();
    });
    ZB_RETURN_IF_ERROR(shown);
    if (IsRefusal(ended)) return ended;
    if (!seen) return ended.ok() ? absl::UnavailableError("the daemon is going down") : ended;
    if (!away) ZB_RETURN_IF_ERROR(view.ShowAway());
    away = true;
    pause(next_pause);
    next_pause = std::min(2 * next_pause, kLongestPause);
  }
}

}  // namespace zbroker::zctl
