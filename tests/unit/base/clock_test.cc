#include "client/base/clock.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <thread>
#include <vector>

#include "absl/time/clock.h"

namespace zbroker {
namespace {

constexpr BootTime At(int64_t us) { return BootTime::FromMicros(us); }

// Noon by the wall, one hour after the boot.
const Now kNow{At(3'600'000'000),
               absl::FromCivil(absl::CivilSecond(2026, 11, 22, 12, 0, 0), absl::UTCTimeZone())};

TEST(BootTimeTest, ArithmeticIsExactToTheMicrosecond) {
  EXPECT_EQ(At(5) + absl::Microseconds(7), At(12));
  EXPECT_EQ(At(5) - absl::Microseconds(7), At(-2));
  EXPECT_EQ(At(12) - At(5), absl::Microseconds(7));
  EXPECT_EQ(At(5) - At(12), -absl::Microseconds(7));
}

TEST(BootTimeTest, NothingIsLaterThanTheInfiniteFuture) {
  EXPECT_LT(At(std::numeric_limits<int64_t>::max() - 1), BootTime::InfiniteFuture());
}

TEST(BootTimeTest, SumsSaturateAtTheInfiniteFuture) {
  EXPECT_EQ(At(5) + absl::InfiniteDuration(), BootTime::InfiniteFuture());
  EXPECT_EQ(At(std::numeric_limits<int64_t>::max() - 5) + absl::Seconds(1),
            BootTime::InfiniteFuture());
}

TEST(BootTimeTest, TheInfiniteFutureStaysWhereItIs) {
  EXPECT_EQ(BootTime::InfiniteFuture() + absl::Hours(1), BootTime::InfiniteFuture());
  EXPECT_EQ(BootTime::InfiniteFuture() - absl::Hours(1), BootTime::InfiniteFuture());
}

TEST(BootTimeTest, AnEndlessStepBackNeverLandsInTheFuture) {
  EXPECT_LT(At(5) - absl::InfiniteDuration(), At(0));
  EXPECT_LT(At(-5) - absl::InfiniteDuration(), At(-5));
}

TEST(BootTimeTest, TheInfiniteFutureIsInfinitelyFarAway) {
  EXPECT_EQ(BootTime::InfiniteFuture() - At(5), absl::InfiniteDuration());
}

TEST(BootTimeTest, DifferenceSaturates) {
  const BootTime earliest = BootTime::FromMicros(std::numeric_limits<int64_t>::min());
  const BootTime now = BootTime::FromMicros(3'600'000'000);
  EXPECT_GT(now - earliest, absl::Hours(24 * 365 * 200'000));
  EXPECT_LT(earliest - now, -absl::Hours(24 * 365 * 200'000));
  EXPECT_EQ(absl::ToInt64Microseconds(now - earliest), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(earliest + (now - earliest), BootTime::InfiniteFuture());
}

// Threads that take the processor from each other are put to sleep anywhere, also between the
// readings of two clocks.
TEST(SystemClockTest, BothClocksAreReadAtOneInstant) {
  std::atomic<bool> done = false;
  std::vector<std::thread> others;
  for (int i = 0; i < 8; ++i)
    others.emplace_back([&] {
      while (!done) {
      }
    });
  const absl::Time begin = absl::Now();
  const absl::Time at_zero = Clock::System().Read().WallAt(At(0));
  absl::Duration most_off;
  while (absl::Now() < begin + absl::Milliseconds(300)) {
    for (int i = 0; i < 1000; ++i) {
      const absl::Duration off = Clock::System().Read().WallAt(At(0)) - at_zero;
      most_off = std::max(most_off, absl::AbsDuration(off));
    }
  }
  done = true;
  for (std::thread& other : others) other.join();
  EXPECT_LT(most_off, absl::Milliseconds(1));
}

TEST(NowTest, ReadsOfTheEarliestInstantAreInThePast) {
  const Now now{.boot = BootTime::FromMicros(5), .wall = absl::FromUnixSeconds(1'800'000'000)};
  EXPECT_LT(now.WallAt(BootTime::FromMicros(std::numeric_limits<int64_t>::min())),
            absl::FromUnixSeconds(0));
  EXPECT_LT(now.BootAt(absl::InfinitePast()), BootTime::FromMicros(0));
}

TEST(NowTest, WallAtFollowsThePresentSettingOfTheWallClock) {
  EXPECT_EQ(kNow.WallAt(kNow.boot), kNow.wall);
  EXPECT_EQ(kNow.WallAt(At(0)), kNow.wall - absl::Hours(1));
  EXPECT_EQ(kNow.WallAt(BootTime::InfiniteFuture()), absl::InfiniteFuture());
}

TEST(NowTest, BootAtIsTheReverseAlsoForInstantsBeforeTheBoot) {
  const absl::Time yesterday = kNow.wall - absl::Hours(24) + absl::Microseconds(1);
  EXPECT_EQ(kNow.BootAt(yesterday), At(-23 * 3'600'000'000 + 1));
  EXPECT_EQ(kNow.WallAt(kNow.BootAt(yesterday)), yesterday);
}

TEST(SystemClockTest, BootTimeNeverGoesBack) {
  const BootTime first = Clock::System().Read().boot;
  const BootTime second = Clock::System().Read().boot;
  EXPECT_GT(first, At(0));
  EXPECT_GE(second, first);
}

TEST(SystemClockTest, WallTimeIsTheTimeOfDay) {
  const absl::Time before = absl::Now();
  const absl::Time wall = Clock::System().Read().wall;
  EXPECT_GE(wall, before - absl::Milliseconds(1));
  EXPECT_LE(wall, absl::Now() + absl::Milliseconds(1));
}

}  // namespace
}  // namespace zbroker
