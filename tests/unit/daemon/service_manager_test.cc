#include "daemon/service_manager.h"

#include <gtest/gtest.h>

namespace zbroker {
namespace {

BootTime At(int seconds) { return BootTime::FromMicros(0) + absl::Seconds(seconds); }

TEST(WatchdogTest, IsFedByAnAnswerWhileTheEnginesThreadKeepsUp) {
  Watchdog watchdog;
  watchdog.LookTaken(At(1));
  EXPECT_TRUE(watchdog.LookAnswered(At(0)));
  watchdog.LookTaken(At(2));
  EXPECT_TRUE(watchdog.LookAnswered(At(1)));
  watchdog.LookTaken(At(3));
  EXPECT_TRUE(watchdog.LookAnswered(At(3)));
}

TEST(WatchdogTest, StarvesWhenOthersAnswerForAThreadThatHangs) {
  Watchdog watchdog;
  watchdog.LookTaken(At(1));
  watchdog.LookTaken(At(2));
  EXPECT_TRUE(watchdog.LookAnswered(At(1)));
  watchdog.LookTaken(At(3));
  EXPECT_FALSE(watchdog.LookAnswered(At(1)));
  watchdog.LookTaken(At(4));
  EXPECT_FALSE(watchdog.LookAnswered(At(1)));
  EXPECT_TRUE(watchdog.LookAnswered(At(4))) << "it is back";
}

TEST(StatusLineTest, ChangesOnlyWhenTheTextDoes) {
  StatusLine line;
  EXPECT_TRUE(line.Changes("0 of 3 slots"));
  EXPECT_FALSE(line.Changes("0 of 3 slots"));
  EXPECT_TRUE(line.Changes("1 of 3 slots"));
  EXPECT_TRUE(line.Changes("0 of 3 slots"));
}

}  // namespace
}  // namespace zbroker
