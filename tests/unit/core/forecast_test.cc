// When a window runs out.
#include "tests/unit/core/windows.h"

namespace zbroker::core {
namespace {

TEST(ForecastTest, RunsOutWhenTheRateOfTheLastHourUsesUpTheRoom) {
  Window window(Rolling(120));
  for (int minute = 0; minute <= 60; minute += 2) {
    window.Add(AfterBoot(absl::Minutes(minute)), Units(1));
  }
  window.Advance(Hour(1));
  // 31 are used, 30 of them in the last hour: 89 more take 2 h 58 min.
  EXPECT_EQ(window.RunsOut(), Hour(1) + absl::Minutes(178));
}

TEST(ForecastTest, ChargesThatAgeOutMakeRoom) {
  Window window(Rolling(120));
  window.Add(Hour(0), Units(100));
  window.Add(Hour(4.5), Units(10));
  window.Advance(Hour(4.5));
  // At 10 an hour there are 115 when the hundred leave after half an hour, and 25 at the end of
  // the steady state.
  EXPECT_EQ(window.RunsOut(), std::nullopt);
}

TEST(ForecastTest, NeverWithoutCharges) {
  Window window(Rolling(120));
  window.Advance(Hour(4));
  EXPECT_EQ(window.RunsOut(), std::nullopt);
}

TEST(ForecastTest, NowIfTheLimitIsReached) {
  Window window(Rolling(120));
  window.Add(Hour(0), Units(120));
  window.Advance(Hour(4));
  EXPECT_EQ(window.RunsOut(), Hour(4));
}

TEST(ForecastTest, NotIfTheResetComesFirst) {
  Window window(FromFirstUse(100));
  window.Add(Hour(0), Units(40));
  window.Add(Hour(3.5), Units(20));
  window.Advance(Hour(4));
  EXPECT_EQ(window.RunsOut(), std::nullopt);
  window.Add(Hour(4), Units(30));
  EXPECT_EQ(window.RunsOut(), Hour(4.2));
}

TEST(ForecastTest, NotWithoutALimit) {
  Window window(Rolling(0, Enforce::kOff));
  window.Add(Hour(0), Units(40));
  EXPECT_EQ(window.RunsOut(), std::nullopt);
}

}  // namespace
}  // namespace zbroker::core
