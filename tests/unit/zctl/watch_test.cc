#include "client/zctl/watch.h"

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

namespace zbroker::zctl {
namespace {

// A daemon that lives several times: each life shows some statuses and ends in its own way. When
// there is no life left, the account is gone, which ends every watch.
struct Life {
  int statuses = 0;
  absl::Status end;
};

class WatchTest : public testing::Test, public WatchView {
 protected:
  absl::Status Show(const v1::Status&) override {
    seen_.push_back("status");
    return show_result_;
  }
  absl::Status ShowAway() override {
    seen_.push_back("away");
    return absl::OkStatus();
  }

  absl::Status Watch() {
    return KeepWatching(
        [this](const std::function<bool(const v1::Status&)>& each) -> absl::Status {
          if (lives_.empty()) return absl::NotFoundError("no account x");
          const Life life = lives_.front();
          lives_.pop_front();
          for (int i = 0; i < life.statuses; ++i) {
            if (!each(v1::Status())) return absl::OkStatus();
          }
          return life.end;
        },
        [this](absl::Duration length) { pauses_.push_back(length); }, *this);
  }

  std::deque<Life> lives_;
  absl::Status show_result_;
  std::vector<std::string> seen_;
  std::vector<absl::Duration> pauses_;
};

using Seen = std::vector<std::string>;

const absl::Status kGone = absl::UnavailableError("Socket closed");

TEST_F(WatchTest, FirstTryMustSucceed) {
  lives_ = {{0, kGone}};
  EXPECT_EQ(Watch(), kGone);
  EXPECT_TRUE(seen_.empty());
}

TEST_F(WatchTest, StreamThatEndsBeforeItBeginsIsAnError) {
  lives_ = {{0, absl::OkStatus()}};
  EXPECT_TRUE(absl::IsUnavailable(Watch()));
}

TEST_F(WatchTest, GoesOnAfterARestart) {
  lives_ = {{2, kGone}, {1, kGone}};
  EXPECT_TRUE(absl::IsNotFound(Watch()));
  EXPECT_EQ(seen_, (Seen{"status", "status", "away", "status", "away"}));
}

TEST_F(WatchTest, CleanEndOfTheStreamIsARestartToo) {
  lives_ = {{1, absl::OkStatus()}, {1, absl::CancelledError("going down")}};
  Watch().IgnoreError();
  EXPECT_EQ(seen_, (Seen{"status", "away", "status", "away"}));
}

TEST_F(WatchTest, SaysOnceThatTheDaemonIsAway) {
  lives_ = {{1, kGone}, {0, kGone}, {0, kGone}, {1, kGone}};
  Watch().IgnoreError();
  EXPECT_EQ(seen_, (Seen{"status", "away", "status", "away"}));
}

TEST_F(WatchTest, TriesLessAndLessOftenUpToEverySecond) {
  lives_ = {{1, kGone}};
  for (int i = 0; i < 5; ++i) lives_.push_back({0, kGone});
  Watch().IgnoreError();
  EXPECT_EQ(pauses_, (std::vector<absl::Duration>{absl::Milliseconds(100), absl::Milliseconds(200),
                                                  absl::Milliseconds(400), absl::Milliseconds(800),
                                                  absl::Seconds(1), absl::Seconds(1)}));
}

TEST_F(WatchTest, TriesSoonAfterEveryRestart) {
  lives_ = {{1, kGone}, {0, kGone}, {1, kGone}};
  Watch().IgnoreError();
  EXPECT_EQ(pauses_.back(), absl::Milliseconds(100));
}

TEST_F(WatchTest, RefusalEndsIt) {
  lives_ = {{1, absl::PermissionDeniedError("no")}, {1, kGone}};
  EXPECT_TRUE(absl::IsPermissionDenied(Watch()));
  EXPECT_EQ(seen_, (Seen{"status"}));
}

TEST_F(WatchTest, EndsWhenItCanNotBeShown) {
  show_result_ = absl::DataLossError("disk full");
  lives_ = {{3, kGone}};
  EXPECT_EQ(Watch(), show_result_);
  EXPECT_EQ(seen_, (Seen{"status"}));
}

}  // namespace
}  // namespace zbroker::zctl
