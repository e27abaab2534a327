#include "daemon/core/blame.h"

#include <gtest/gtest.h>

namespace zbroker::core {
namespace {

const BootTime kWhenRefused = BootTime::FromMicros(100'000'000'000);
const BootTime kNever = BootTime() - absl::InfiniteDuration();

TEST(BlameTest, WithoutOtherModelsItIsTheAccount) {
  EXPECT_EQ(Blame({4, kWhenRefused - absl::Seconds(1)}, {4, kNever}, false, kWhenRefused),
            Blamed::kAccount);
}

TEST(BlameTest, ModelThatWasNeverServedAtSuchALevelWhereTheAccountJustWas) {
  EXPECT_EQ(Blame({4, kWhenRefused - absl::Seconds(5)}, {2, kNever}, true, kWhenRefused),
            Blamed::kModel);
}

TEST(BlameTest, AccountThatWasNeverServedAtSuchALevelWhereTheModelJustWas) {
  EXPECT_EQ(Blame({4, kNever}, {2, kWhenRefused - absl::Seconds(5)}, true, kWhenRefused),
            Blamed::kAccount);
}

TEST(BlameTest, OfTwoThatWereBothServedTheOneLongerAgo) {
  EXPECT_EQ(Blame({4, kWhenRefused - absl::Seconds(10)}, {4, kWhenRefused - absl::Minutes(10)},
                  true, kWhenRefused),
            Blamed::kModel);
  EXPECT_EQ(Blame({4, kWhenRefused - absl::Minutes(10)}, {4, kWhenRefused - absl::Seconds(10)},
                  true, kWhenRefused),
            Blamed::kAccount);
}

TEST(BlameTest, OfTwoThatWereNeverServedTheModelUnlessItIsATrialOfTheAccount) {
  EXPECT_EQ(Blame({5, kNever}, {2, kNever}, true, kWhenRefused), Blamed::kModel);
  EXPECT_EQ(Blame({5, kNever, true}, {2, kNever}, true, kWhenRefused), Blamed::kAccount);
}

TEST(BlameTest, InATieTheModel) {
  EXPECT_EQ(Blame({3, kNever}, {3, kNever}, true, kWhenRefused), Blamed::kModel);
}

TEST(BlameTest, RequestThatWasAloneIsAboutTheAccount) {
  EXPECT_EQ(Blame({1, kNever}, {1, kNever}, true, kWhenRefused), Blamed::kAccount);
}

}  // namespace
}  // namespace zbroker::core
