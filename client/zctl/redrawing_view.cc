#include "client/zctl/redrawing_view.h"

#include <unistd.h>

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/base/text.h"
#include "client/zctl/exit_code.h"
#include "client/zctl/format.h"
#include "client/zctl/paint.h"
#include "client/zctl/status_view.h"

namespace zbroker::zctl {
namespace {

std::string FirstLine(absl::string_view text) {
  const std::vector<absl::string_view> lines = absl::StrSplit(text, absl::MaxSplits('\n', 1));
  return EscapeControls(lines[0]);
}

}  // namespace

RedrawingView::RedrawingView(Console& console, std::string account, CarryOutOrder carry_out)
    : carry_out_(std::move(carry_out)), console_(console), keys_(std::move(account)) {}

absl::Status RedrawingView::Show(const v1::Status& status) {
  bool begin_to_read = false;
  absl::Status drawn;
  {
    MutexLock lock(mutex_);
    // Not before there is something to show: a first try that fails leaves the terminal alone.
    if (screen_ == nullptr) {
      has_keys_ = begin_to_read = Keyboard::IsAt(STDIN_FILENO);
      screen_ =
          std::make_unique<Screen>(console_.fd(), has_keys_ ? STDIN_FILENO : Screen::kNoKeyboard);
    }
    last_ = status;
    away_ = false;
    drawn = Draw();
  }
  if (begin_to_read) {
    keyboard_ =
        std::make_unique<Keyboard>(STDIN_FILENO, [this](absl::string_view bytes) { Press(bytes); });
  }
  return drawn;
}

absl::Status RedrawingView::ShowAway() {
  MutexLock lock(mutex_);
  away_ = true;
  return Draw();
}

// What can't be drawn now, Show() will tell of.
void RedrawingView::Press(absl::string_view bytes) {
  std::optional<WatchKeys::Order> order;
  {
    MutexLock lock(mutex_);
    if (!keys_.Press(bytes, last_)) Quit();
    order = keys_.TakeOrder();
    Draw().IgnoreError();
  }
  if (!order) return;
  const std::string outcome = FirstLine(carry_out_(*order));
  MutexLock lock(mutex_);
  keys_.Tell(outcome);
  Draw().IgnoreError();
}

// The watch waits for the daemon's next word, which may take an hour: it is not waited for. With
// the lock held, nothing is drawn any more.
void RedrawingView::Quit() {
  screen_.reset();
  _exit(kExitOk);
}

absl::Status RedrawingView::Draw() {
  const ViewOptions options = console_.view();
  std::string text = keys_.helping() ? WatchKeys::RenderHelp(options)
                                     : RenderStatus(keys_.Arrange(last_), options);
  if (away_) {
    const absl::Time now = ToTime(last_.now());
    const std::string banner =
        absl::StrCat(kDaemonAway, "; below is ", FormatInstant(now, now, options.zone));
    text = absl::StrCat(Painted(banner, Paint::kAlarm, options.color), "\n\n", text);
  }
  return console_.Print(
      ComposeFrame(text, console_.screen_rows(), has_keys_ ? keys_.RenderFooter(options) : ""));
}

}  // namespace zbroker::zctl
