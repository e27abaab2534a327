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
    limit_.Configure(config);
    limit_.EnterHours(now_, {});
  }

  void Reach(int hour) {
    now_ = BootTime::FromMicros(0) + absl::Hours(hour);
    limit_.EnterHours(now_, {});
    limit_.Advance(now_);
  }

  void Throttle(LeaseId id, int taken) {
    Lease lease{.id = id, .granted = now_, .taken = taken};
    now_ = now_ + absl::Seconds(1);
    limit_.LeaseEnded(lease, Outcome::kThrottle, {}, now_);
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
  Lease lease{.id = 1, .granted = now_ + absl::Seconds(1), .takes_throttles = true, .taken = 3};
  limit_.LeaseEnded(lease, Outcome::kOk, {}, now_ + absl::Seconds(2));
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
  Lease served{.id = 1, .granted = now_, .takes_throttles = true, .taken = 4};
  limit_.LeaseEnded(served, Outcome::kOk, {}, now_);
  now_ = BootTime::FromMicros(0) + absl::Hours(1) - absl::Seconds(1);
  limit_.Advance(now_);
  ASSERT_TRUE(limit_.MayTry());
  Lease trial{.id = 2, .granted = now_, .takes_throttles = true, .taken = 5};
  limit_.BeginTrial(trial, now_);
  Reach(1);
  limit_.LeaseEnded(trial, Outcome::kThrottle, {}, now_);
  Reach(2);
  limit_.Advance(now_ + absl::Seconds(10));
  EXPECT_EQ(limit_.value(), 4);
}

TEST_F(SlotLimitTest, StateOfAnotherConfiguredLimitIsNotTakenUp) {
  Configure();
  limit_.Restore({.start = 5, .limit = 1, .ceiling = 1, .interval = absl::Minutes(5)});
  EXPECT_EQ(limit_.value(), 4);
  limit_.Restore({.start = 4, .limit = 1, .ceiling = 1, .interval = absl::Minutes(5)});
  EXPECT_EQ(limit_.value(), 1);
}

}  // namespace
}  // namespace zbroker::core
