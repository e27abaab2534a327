#include "daemon/core/timer_queue.h"

#include <gtest/gtest.h>

namespace zbroker::core {
namespace {

BootTime At(int64_t us) { return BootTime::FromMicros(us); }

TEST(TimerQueueTest, PopsInOrderOfTimeWhatIsDue) {
  TimerQueue<int> timers;
  timers.Set(1, At(30));
  timers.Set(2, At(10));
  EXPECT_EQ(timers.Next(), At(10));
  EXPECT_EQ(timers.Pop(At(30)), 2);
  EXPECT_EQ(timers.Pop(At(29)), std::nullopt);
  EXPECT_EQ(timers.Pop(At(30)), 1);
  EXPECT_EQ(timers.Next(), BootTime::InfiniteFuture());
}

TEST(TimerQueueTest, SettingAgainReplaces) {
  TimerQueue<int> timers;
  timers.Set(1, At(10));
  timers.Set(1, At(20));
  EXPECT_EQ(timers.Pop(At(10)), std::nullopt);
  EXPECT_EQ(timers.Pop(At(20)), 1);
}

TEST(TimerQueueTest, InfiniteFutureClears) {
  TimerQueue<int> timers;
  timers.Set(1, At(10));
  timers.Set(1, BootTime::InfiniteFuture());
  EXPECT_EQ(timers.Pop(At(1'000'000)), std::nullopt);
}

}  // namespace
}  // namespace zbroker::core
