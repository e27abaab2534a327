#include "client/zctl/watch_view.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "client/zctl/message_json.h"
#include "client/zctl/status_view.h"

namespace zbroker::zctl {
namespace {

class JsonView final : public WatchView {
 public:
  explicit JsonView(Console& console) : console_(console) {}

  absl::Status Show(const v1::Status& status) override {
    return console_.Print(absl::StrCat(ToAnswer(status, JsonStyle::kOneLine), "\n"));
  }
  absl::Status ShowAway() override {
    console_.Warn(kDaemonAway);
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
    console_.Warn(kDaemonAway);
    return absl::OkStatus();
  }

 private:
  Console& console_;
};

}  // namespace

std::unique_ptr<WatchView> MakeWatchView(Console& console, const StatusCommand& command,
                                         CarryOutOrder carry_out) {
  if (command.json) return std::make_unique<JsonView>(console);
  if (console.screen_rows() == 0) return std::make_unique<ScrollingView>(console);
  return std::make_unique<RedrawingView>(console, command.account, std::move(carry_out));
}

}  // namespace zbroker::zctl
