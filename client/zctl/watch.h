// Watching the daemon through its restarts.
#ifndef ZBROKER_CLIENT_ZCTL_WATCH_H_
#define ZBROKER_CLIENT_ZCTL_WATCH_H_

#include <functional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "zbroker/v1/ledger.pb.h"

namespace zbroker::zctl {

// What is said while it has gone.
inline constexpr char kDaemonAway[] = "daemon away, reconnecting";

// Shows one status after another.
class WatchView {
 public:
  virtual ~WatchView() = default;
  // Errors end the watch.
  virtual absl::Status Show(const v1::Status& status) = 0;
  // The daemon has gone and is looked for. Called once each time it goes.
  virtual absl::Status ShowAway() = 0;
};

// Connects and calls `each` with every status until it returns false or the connection ends.
using WatchOnce = std::function<absl::Status(const std::function<bool(const v1::Status&)>& each)>;
using Pause = std::function<void(absl::Duration)>;

// Goes on until the view fails or the daemon refuses (an unknown account, no permission), whose
// error it returns. When the daemon goes away it tries again after 100 ms, then up to every second;
// but the first status must come at the first try.
absl::Status KeepWatching(const WatchOnce& watch_once, const Pause& pause, WatchView& view);

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_WATCH_H_
