// A status drawn over the one before, with keys.
#ifndef ZBROKER_CLIENT_ZCTL_REDRAWING_VIEW_H_
#define ZBROKER_CLIENT_ZCTL_REDRAWING_VIEW_H_

#include <functional>
#include <memory>
#include <string>

#include "client/base/mutex.h"
#include "client/zctl/console.h"
#include "client/zctl/keyboard.h"
#include "client/zctl/screen.h"
#include "client/zctl/watch.h"
#include "client/zctl/watch_keys.h"

namespace zbroker::zctl {

// What came of an order, as text.
using CarryOutOrder = std::function<std::string(const WatchKeys::Order& order)>;

// Shown by the watch, and drawn again by the keyboard's thread when a key was pressed. If nobody
// can type there are no keys.
class RedrawingView final : public WatchView {
 public:
  // The console is a terminal. `account`: as in StatusCommand. `carry_out` is called on the
  // keyboard's thread, and may take its time.
  RedrawingView(Console& console, std::string account, CarryOutOrder carry_out);

  absl::Status Show(const v1::Status& status) override ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status ShowAway() override ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Press(absl::string_view bytes) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status Draw() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  [[noreturn]] void Quit() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const CarryOutOrder carry_out_;
  Mutex mutex_;
  Console& console_ ABSL_GUARDED_BY(mutex_);
  WatchKeys keys_ ABSL_GUARDED_BY(mutex_);
  v1::Status last_ ABSL_GUARDED_BY(mutex_);
  bool away_ ABSL_GUARDED_BY(mutex_) = false;
  bool has_keys_ ABSL_GUARDED_BY(mutex_) = false;
  std::unique_ptr<Screen> screen_ ABSL_GUARDED_BY(mutex_);
  // The watch's own. The last member, so that its thread ends before what it draws.
  std::unique_ptr<Keyboard> keyboard_;
};

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_REDRAWING_VIEW_H_
