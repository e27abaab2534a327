#include "client/zctl/wait_rhythm.h"

#include <gtest/gtest.h>

namespace zbroker::zctl {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'000'000);

TEST(WaitRhythmTest, LooksOftenEnoughToSeeWithinASecondWhatComesEarly) {
  for (const auto at :
       {std::optional<absl::Time>(), std::optional(kNow), std::optional(kNow + absl::Seconds(10)),
        std::optional(kNow + absl::Hours(3))}) {
    EXPECT_LT(RhythmFor(kNow, at, 0).interval, absl::Seconds(1));
    EXPECT_FALSE(RhythmFor(kNow, at, 0).nap);
  }
}

TEST(WaitRhythmTest, SleepsUntilAnInstantThatIsNear) {
  EXPECT_EQ(RhythmFor(kNow, kNow + absl::Milliseconds(300), 0).nap, absl::Milliseconds(300));
}

TEST(WaitRhythmTest, ThoseWhoWaitForTheSameInstantComeBackOneAfterTheOther) {
  const auto early = RhythmFor(kNow, kNow + absl::Milliseconds(300), 0.25).nap;
  const auto late = RhythmFor(kNow, kNow + absl::Milliseconds(300), 0.75).nap;
  ASSERT_TRUE(early && late);
  EXPECT_EQ(*late - *early, kWaitStagger / 2);
}

}  // namespace
}  // namespace zbroker::zctl
