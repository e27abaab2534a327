#include "daemon/core/slot_limit.h"

#include <gtest/gtest.h>

namespace zbroker::core {
namespace {

class SlotLimitTest : public ::testing::Test {
 protected:
  static ScheduleConfig At(int hour, int limit) {
    return {.when = WeekHours::Daily(hour * 60, hour * 60 + 60, absl::UTCTimeZone()),
            .limit = limit};
  }

  void Configure(std::vector<ScheduleConfig> schedules = {}, bool learn = true) {
    AccountConfig config{.slots = {.limit = 4, .learn = learn},
                         .peak = WeekHours::Daily(20 * 60, 21 * 60, absl::UTCTimeZone()),
                         .schedules = std::move(schedules)};
    limit_.Configure(config, now_);
    limit_.EnterHours(now_, {});
  }

  void Reach(int hour) {
    now_ = BootTime::FromMicros(0) + absl::Hours(hour);
    limit_.EnterHours(now_, {});
    limit_.Advance(now_);
  }

  Evidence Of(Evidence::What what, LeaseId id, int in_flight) const {
    return {.what = what, .lease = id, .granted = now_, .in_flight = in_flight};
  }

  void Throttle(LeaseId id, int in_flight) {
    const Evidence evidence = Of(Evidence::What::kThrottled, id, in_flight);
    now_ = now_ + absl::Seconds(1);
    limit_.Hear(evidence, now_);
  }

  SlotLimit limit_;
  BootTime now_;
};

TEST_F(SlotLimitTest, ConfiguredUntilSomethingElseIsKnown) {
  Configure();
  EXPECT_EQ(limit_.value(), 4);
  EXPECT_EQ(limit_.source(), LimitSource::kConfigured);
}

TEST_F(SlotLimitTest, FirstScheduleThatMatchesCounts) {
  Configure({At(1, 2), At(1, 3), At(2, 5)});
  EXPECT_EQ(limit_.value(), 4);
  Reach(1);
  EXPECT_EQ(limit_.value(), 2);
  EXPECT_EQ(limit_.source(), LimitSource::kScheduled);
  Reach(2);
  EXPECT_EQ(limit_.value(), 5);
  Reach(3);
  EXPECT_EQ(limit_.value(), 4);
}

TEST_F(SlotLimitTest, ScheduleHoldsWhereNothingIsLearned) {
  Configure({At(1, 2)}, /*learn=*/false);
  Reach(1);
  EXPECT_EQ(limit_.value(), 2);
  EXPECT_TRUE(limit_.Known().empty());
  Throttle(1, 2);
  EXPECT_EQ(limit_.value(), 2);
}

TEST_F(SlotLimitTest, NextHoursIsTheNextBoundOfASchedule) {
  Configure({At(1, 2)});
  EXPECT_EQ(limit_.NextHours(absl::UnixEpoch()), absl::UnixEpoch() + absl::Hours(1));
  EXPECT_EQ(limit_.NextHours(absl::UnixEpoch() + absl::Hours(1)),
            absl::UnixEpoch() + absl::Hours(2));
}

TEST_F(SlotLimitTest, ThrottlesInTheHoursOfAScheduleLowerItThereOnly) {
  Configure({At(1, 3)});
  Reach(1);
  now_ = now_ + absl::Seconds(1);
  Throttle(1, 3);
  EXPECT_EQ(limit_.value(), 1);
  EXPECT_EQ(limit_.source(), LimitSource::kLearned);
  EXPECT_FALSE(limit_.TakeChange().has_value()) << "not remembered over restarts";
  Reach(2);
  EXPECT_EQ(limit_.value(), 4);
  Reach(25);
  EXPECT_EQ(limit_.value(), 1);
}

TEST_F(SlotLimitTest, LearningInAScheduleGoesNoHigherThanIt) {
  Configure({At(1, 3)});
  Reach(1);
  now_ = now_ + absl::Seconds(1);
  limit_.Hear(Of(Evidence::What::kServed, 1, 3), now_ + absl::Seconds(1));
  limit_.Advance(now_ + absl::Minutes(30));
  EXPECT_FALSE(limit_.MayTry());
}

TEST_F(SlotLimitTest, PinHoldsAndLeavesWhatWasLearned) {
  Configure();
  now_ = now_ + absl::Seconds(1);
  Throttle(1, 4);
  ASSERT_EQ(limit_.value(), 2);
  limit_.Pin(7, now_);
  EXPECT_EQ(limit_.value(), 7);
  EXPECT_EQ(limit_.source(), LimitSource::kPinned);
  now_ = now_ + absl::Seconds(1);
  Throttle(2, 7);
  EXPECT_FALSE(limit_.MayTry());
  EXPECT_EQ(limit_.NextChange(), BootTime::InfiniteFuture());
  limit_.Pin(std::nullopt, now_);
  EXPECT_EQ(limit_.value(), 2);
}

TEST_F(SlotLimitTest, TrialDoesNotOutliveTheHoursThatItWasMadeIn) {
  Configure({At(1, 2)});
  limit_.Hear(Of(Evidence::What::kServed, 1, 4), now_);
  now_ = BootTime::FromMicros(0) + absl::Hours(1) - absl::Seconds(1);
  limit_.Advance(now_);
  ASSERT_TRUE(limit_.MayTry());
  Evidence trial = Of(Evidence::What::kTrialBegan, 2, 5);
  limit_.Hear(trial, now_);
  Reach(1);
  trial.what = Evidence::What::kThrottled;
  limit_.Hear(trial, now_);
  Reach(2);
  limit_.Advance(now_ + absl::Seconds(10));
  EXPECT_EQ(limit_.value(), 4);
}

TEST_F(SlotLimitTest, TrialOfBeforeLearningWasOffShowsNothing) {
  Configure();
  limit_.Hear(Of(Evidence::What::kServed, 1, 4), now_);
  now_ = now_ + absl::Minutes(2);
  limit_.Advance(now_);
  ASSERT_TRUE(limit_.MayTry());
  limit_.Hear(Of(Evidence::What::kTrialBegan, 2, 5), now_);
  Configure({}, /*learn=*/false);
  now_ = now_ + absl::Minutes(1);
  Configure();
  limit_.Advance(now_);
  EXPECT_EQ(limit_.value(), 4);
}

TEST_F(SlotLimitTest, StateOfAnotherConfiguredLimitIsNotTakenUp) {
  Configure();
  limit_.Restore({.start = 5, .limit = 1, .ceiling = 1, .interval = absl::Minutes(5)});
  EXPECT_EQ(limit_.value(), 4);
  limit_.Restore({.start = 4, .limit = 1, .ceiling = 1, .interval = absl::Minutes(5)});
  EXPECT_EQ(limit_.value(), 1);
}

TEST_F(SlotLimitTest, TrialOfBeforeAScheduleThatIsTakenAwayShowsNothing) {
  Configure({At(1, 2)});
  limit_.Hear(Of(Evidence::What::kTrialBegan, 1, 5), now_);
  Reach(1);
  Configure({});
  limit_.Advance(now_);
  EXPECT_EQ(limit_.value(), 4);
}

TEST_F(SlotLimitTest, ThrottleOfWhatAScheduleGrantedThatIsTakenAwayTellsNothing) {
  Configure({At(1, 8)});
  Reach(1);
  const Evidence evidence = Of(Evidence::What::kThrottled, 1, 8);
  Configure({});
  limit_.Hear(evidence, now_ + absl::Seconds(1));
  EXPECT_EQ(limit_.value(), 4);
}

}  // namespace
}  // namespace zbroker::core
