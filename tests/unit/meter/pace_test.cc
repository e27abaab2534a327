#include "shims/meter/pace.h"

#include <gtest/gtest.h>

#include "shims/meter/fetch.h"

namespace zbroker::meter {
namespace {

using Result = Pace::Result;

TEST(PaceTest, IsRegularWhileAllIsWell) {
  Pace pace(absl::Minutes(5));
  EXPECT_EQ(pace.gap(), absl::Minutes(5));
  pace.Ended(Result::kRead);
  EXPECT_EQ(pace.gap(), absl::Minutes(5));
}

TEST(PaceTest, BacksOffFromTroubleAndReturns) {
  Pace pace(absl::Minutes(5));
  pace.Ended(Result::kTrouble);
  EXPECT_EQ(pace.gap(), absl::Minutes(10));
  pace.Ended(Result::kTrouble);
  EXPECT_EQ(pace.gap(), absl::Minutes(20));
  for (int i = 0; i < 100; ++i) pace.Ended(Result::kTrouble);
  EXPECT_EQ(pace.gap(), Pace::kSlowest);
  pace.Ended(Result::kRead);
  EXPECT_EQ(pace.gap(), absl::Minutes(5));
}

TEST(PaceTest, DaemonThatIsAwayIsLookedForSoonAndCountsAsNoTrouble) {
  Pace pace(absl::Minutes(5));
  pace.Ended(Result::kAway);
  EXPECT_EQ(pace.gap(), kAwayGap);
  pace.Ended(Result::kRead);
  EXPECT_EQ(pace.gap(), absl::Minutes(5));
  pace.Ended(Result::kTrouble);
  pace.Ended(Result::kAway);
  pace.Ended(Result::kTrouble);
  EXPECT_EQ(pace.gap(), absl::Minutes(20)) << "what was before it still counts";
}

TEST(PaceTest, NothingToSayIsAskedForSlowly) {
  Pace pace(absl::Minutes(5));
  pace.Ended(Result::kSilent);
  EXPECT_EQ(pace.gap(), Pace::kSlowest);
  Pace rare(absl::Hours(2));
  rare.Ended(Result::kSilent);
  EXPECT_EQ(rare.gap(), absl::Hours(2)) << "never sooner than asked for";
}

TEST(PaceTest, MeterHasTheTimeThatItHasBeenSeenToTake) {
  EXPECT_GT(kAnswerTime, absl::Seconds(23));
  EXPECT_LT(kAnswerTime, kApartMin);
}

}  // namespace
}  // namespace zbroker::meter
