#include "client/zctl/watch_view.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "client/zctl/format.h"
#include "client/zctl/message_json.h"
#include "client/zctl/paint.h"
#include "client/zctl/screen.h"
#include "client/zctl/status_view.h"

namespace zbroker::zctl {
namespace {

constexpr absl::string_view kAway = "daemon away, reconnecting";

class JsonView final : public WatchView {
 public:
  explicit JsonView(Console& console) : console_(console) {}

  absl::Status Show(const v1::Status& status) override {
    return console_.Print(absl::StrCat(ToAnswer(status, JsonStyle::kOneLine), "\n"));
  }
  absl::Status ShowAway() override {
    console_.Warn(kAway);
    return absl::OkStatus();
  }

 private:
  Console& console_;
};

class ScrollingView final : public WatchView {
 public:
  explicit ScrollingView(Console& console) : console_(console) {}

  absl::Status Show(const v1::Status& status) override {
    return console_.Print(absl::StrCat(RenderStatus(status, console_.view()), "\n"));
  }
  absl::Status ShowAway() override {
    console_.Warn(kAway);
    return absl::OkStatus();
  }

 private:
  Console& console_;
};

class RedrawingView final : public WatchView {
 public:
  explicit RedrawingView(Console& console) : console_(console) {}

  absl::Status Show(const v1::Status& status) override {
    // Not before there is something to show: a first try that fails leaves the terminal alone.
    if (screen_ == nullptr) screen_ = std::make_unique<Screen>(console_.fd());
    last_ = status;
    return Draw(RenderStatus(status, console_.view()));
  }

  absl::Status ShowAway() override {
    const ViewOptions options = console_.view();
    const absl::Time now = ToTime(last_.now());
    const std::string banner =
        absl::StrCat(kAway, "; below is ", FormatInstant(now, now, options.zone));
    return Draw(absl::StrCat(Painted(banner, Paint::kAlarm, options.color), "\n\n",
                             RenderStatus(last_, options)));
  }

 private:
  absl::Status Draw(absl::string_view text) {
    return console_.Print(ComposeFrame(text, console_.screen_rows()));
  }

  Console& console_;
  std::unique_ptr<Screen> screen_;
  v1::Status last_;
};

}  // namespace

std::unique_ptr<WatchView> MakeWatchView(Console& console, bool json) {
  if (json) return std::make_unique<JsonView>(console);
  if (console.screen_rows() == 0) return std::make_unique<ScrollingView>(console);
  return std::make_unique<RedrawingView>(console);
}

}  // namespace zbroker::zctl
