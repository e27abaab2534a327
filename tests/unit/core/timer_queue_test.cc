#include "daemon/core/timer_queue.h"

#include <gtest/gtest.h>

namespace zbroker::core {
namespace {

BootTime Instant(int64_t us) { return BootTime::FromMicros(us); }

TEST(TimerQueueTest, PopsInOrderOfTimeWhatIsDue) {
  TimerQueue<int> timers;
  timers.Set(1, Instant(30));
  timers.Set(2, Instant(10));
  EXPECT_EQ(timers.Next(), Instant(10));
  EXPECT_EQ(timers.Pop(Instant(30)), 2);
  EXPECT_EQ(timers.Pop(Instant(29)), std::nullopt);
  EXPECT_EQ(timers.Pop(Instant(30)), 1);
  EXPECT_EQ(timers.Next(), BootTime::InfiniteFuture());
}

TEST(TimerQueueTest, SettingAgainReplaces) {
  TimerQueue<int> timers;
  timers.Set(1, Instant(10));
  timers.Set(1, Instant(20));
  EXPECT_EQ(timers.Pop(Instant(10)), std::nullopt);
  EXPECT_EQ(timers.Pop(Instant(20)), 1);
}

TEST(TimerQueueTest, InfiniteFutureClears) {
  TimerQueue<int> timers;
  timers.Set(1, Instant(10));
  timers.Set(1, BootTime::InfiniteFuture());
  EXPECT_EQ(timers.Pop(Instant(1'000'000)), std::nullopt);
}

}  // namespace
}  // namespace zbroker::core
