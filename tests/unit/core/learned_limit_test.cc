#include "daemon/core/learned_limit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

namespace zbroker::core {
namespace {

using ::testing::Optional;

class LearnedLimitTest : public ::testing::Test {
 protected:
  void Start(SlotsConfig config) { learned_.emplace(config, HourClass::kOffPeak, now_); }

  LimitEvidence Grant(int in_flight) {
    return {.lease = ++last_, .granted = now_, .in_flight = in_flight};
  }

  void Pass(absl::Duration length) {
    now_ = now_ + length;
    learned_->Advance(now_);
  }

  void Serve(const LimitEvidence& lease) { learned_->Served(lease, now_); }
  void Throttle(const LimitEvidence& lease) { learned_->Throttled(lease, "1302", now_); }

  // A lease that takes the limit's last slot is granted and served.
  void Prove() {
    Pass(absl::Seconds(1));
    const LimitEvidence lease = Grant(learned_->limit());
    Pass(absl::Seconds(1));
    Serve(lease);
  }

  LimitEvidence Try() {
    EXPECT_TRUE(learned_->MayTry());
    const LimitEvidence trial = Grant(learned_->limit() + 1);
    learned_->BeginTrial(trial, now_);
    return trial;
  }

  // Until a trial is due.
  void PassInterval() {
    const BootTime next = learned_->NextChange();
    ASSERT_NE(next, BootTime::InfiniteFuture());
    Pass(next - now_);
  }

  // The next trial finds that there is no more room.
  void FailTrial() {
    Prove();
    PassInterval();
    Throttle(Try());
  }

  BootTime now_ = BootTime::FromMicros(1'000'000'000);
  LeaseId last_ = 0;
  std::optional<LearnedLimit> learned_;
};

TEST_F(LearnedLimitTest, StartsWithWhatIsConfigured) {
  Start({.limit = 4});
  EXPECT_EQ(learned_->limit(), 4);
  EXPECT_EQ(learned_->current().why, "as configured");
}

TEST_F(LearnedLimitTest, TriesNothingInItsFirstMinute) {
  Start({.limit = 3});
  Prove();
  EXPECT_FALSE(learned_->MayTry());
  Pass(LearnedLimit::kFirstInterval);
  EXPECT_TRUE(learned_->MayTry());
}

TEST_F(LearnedLimitTest, TriesNothingBeforeItsLimitIsProven) {
  Start({.limit = 3});
  Pass(absl::Hours(1));
  EXPECT_FALSE(learned_->MayTry());
  Serve(Grant(2));
  EXPECT_FALSE(learned_->MayTry());
  Serve(Grant(3));
  EXPECT_TRUE(learned_->MayTry());
}

TEST_F(LearnedLimitTest, OneTrialAtATime) {
  Start({.limit = 3});
  Prove();
  PassInterval();
  Try();
  EXPECT_FALSE(learned_->MayTry());
}

TEST_F(LearnedLimitTest, TrialThatIsServedAddsOneSlot) {
  Start({.limit = 3});
  Prove();
  PassInterval();
  Serve(Try());
  EXPECT_EQ(learned_->limit(), 4);
}

TEST_F(LearnedLimitTest, TrialThatIsInFlightForLongIsServed) {
  Start({.limit = 3});
  Prove();
  PassInterval();
  Try();
  EXPECT_EQ(learned_->NextChange(), now_ + LearnedLimit::kProof);
  Pass(LearnedLimit::kProof - absl::Microseconds(1));
  EXPECT_EQ(learned_->limit(), 3);
  Pass(absl::Microseconds(1));
  EXPECT_EQ(learned_->limit(), 4);
}

TEST_F(LearnedLimitTest, TrialThatIsServedIsFollowedByTheNextAtOnce) {
  Start({.limit = 3});
  Prove();
  PassInterval();
  Serve(Try());
  EXPECT_TRUE(learned_->MayTry());
}

TEST_F(LearnedLimitTest, TrialThatIsThrottledChangesNoLimit) {
  Start({.limit = 3});
  Prove();
  PassInterval();
  Throttle(Try());
  EXPECT_EQ(learned_->limit(), 3);
  EXPECT_FALSE(learned_->MayTry());
  EXPECT_EQ(learned_->current().why, "throttled (1302) with 4 in flight");
}

TEST_F(LearnedLimitTest, TrialsAreRarerAtAHigherLimit) {
  Start({.limit = 1});
  FailTrial();
  EXPECT_EQ(learned_->current().interval, LearnedLimit::kIntervalOfOne);
  Start({.limit = 4});
  FailTrial();
  EXPECT_EQ(learned_->current().interval, LearnedLimit::kIntervalOfOne * 2);
}

TEST_F(LearnedLimitTest, TrialsAreRarerWhenTheLimitHasStoodForLong) {
  Start({.limit = 1});
  Pass(LearnedLimit::kYoung * 4);
  Prove();
  Throttle(Try());
  EXPECT_THAT(absl::ToDoubleMinutes(learned_->current().interval),
              ::testing::DoubleNear(absl::ToDoubleMinutes(LearnedLimit::kIntervalOfOne * 2), 0.1));
}

TEST_F(LearnedLimitTest, IntervalStaysBounded) {
  Start({.limit = 3});
  Pass(absl::Hours(1000));
  Prove();
  Throttle(Try());
  EXPECT_EQ(learned_->current().interval, LearnedLimit::kLongestInterval);
}

TEST_F(LearnedLimitTest, TrialThatEndsWithoutAnAnswerMayBeRepeated) {
  Start({.limit = 3});
  Prove();
  PassInterval();
  learned_->Ended(Try().lease, now_);
  EXPECT_EQ(learned_->limit(), 3);
  EXPECT_TRUE(learned_->MayTry());
}

TEST_F(LearnedLimitTest, TrialThatAnotherLeaseMayHaveMadeRoomForShowsNothing) {
  Start({.limit = 3});
  Prove();
  PassInterval();
  const LimitEvidence other = Grant(3);
  Try();
  Pass(absl::Milliseconds(50));
  Serve(other);
  Pass(LearnedLimit::kProof);
  EXPECT_EQ(learned_->limit(), 3);
  Pass(LearnedLimit::kAnotherMoment);
  EXPECT_TRUE(learned_->MayTry());
}

TEST_F(LearnedLimitTest, TrialsAmongRequestsThatEndTogetherBeginAtAnotherMoment) {
  Start({.limit = 3});
  Prove();
  PassInterval();
  const LimitEvidence other = Grant(3);
  const LimitEvidence trial = Try();
  Serve(other);
  Serve(trial);
  EXPECT_FALSE(learned_->MayTry());
  EXPECT_LE(learned_->NextChange(), now_ + LearnedLimit::kAnotherMoment);
  Pass(learned_->NextChange() - now_);
  EXPECT_TRUE(learned_->MayTry());
}

TEST_F(LearnedLimitTest, NothingIsTriedBeyondTheMaximum) {
  Start({.limit = 3, .max = 4});
  Prove();
  PassInterval();
  Serve(Try());
  Pass(absl::Hours(2));
  EXPECT_FALSE(learned_->MayTry());
  EXPECT_EQ(learned_->NextChange(), BootTime::InfiniteFuture());
}

TEST_F(LearnedLimitTest, ThrottleHalvesWhatWasTaken) {
  Start({.limit = 9});
  Throttle(Grant(8));
  EXPECT_EQ(learned_->limit(), 4);
  EXPECT_EQ(learned_->ceiling(), 7);
}

TEST_F(LearnedLimitTest, ThrottlesOfOneBurstCountOnce) {
  Start({.limit = 5});
  const LimitEvidence first = Grant(4), second = Grant(5);
  Throttle(second);
  Pass(absl::Milliseconds(1));
  Throttle(first);
  EXPECT_EQ(learned_->limit(), 2);
}

TEST_F(LearnedLimitTest, WhatWasHalvedClimbsBackToTheCeilingAtOnce) {
  Start({.limit = 9});
  Throttle(Grant(8));
  Prove();
  for (int limit = 5; limit <= 7; ++limit) {
    Serve(Try());
    EXPECT_EQ(learned_->limit(), limit);
  }
  EXPECT_FALSE(learned_->MayTry());
}

TEST_F(LearnedLimitTest, ClimbEndsWhereATrialIsThrottled) {
  Start({.limit = 9});
  Throttle(Grant(8));
  Prove();
  Serve(Try());
  Throttle(Try());
  EXPECT_EQ(learned_->limit(), 5);
  EXPECT_EQ(learned_->ceiling(), 5);
  EXPECT_FALSE(learned_->MayTry());
}

TEST_F(LearnedLimitTest, NeverFallsBelowTheMinimum) {
  Start({.limit = 3, .min = 2});
  for (int i = 0; i < 5; ++i) {
    Throttle(Grant(learned_->limit()));
    Pass(absl::Seconds(2));
  }
  EXPECT_EQ(learned_->limit(), 2);
}

TEST_F(LearnedLimitTest, OneThrottleWithFewInFlightIsAboutSomethingElse) {
  Start({.limit = 9});
  Prove();
  Throttle(Grant(4));
  EXPECT_EQ(learned_->limit(), 9);
}

TEST_F(LearnedLimitTest, ThrottlesWithFewInFlightCountWhenNothingIsServedBetween) {
  Start({.limit = 9});
  Prove();
  Throttle(Grant(4));
  Throttle(Grant(4));
  EXPECT_EQ(learned_->limit(), 2);
}

TEST_F(LearnedLimitTest, ThrottleOfAnotherLeaseDuringATrialIsTheTrials) {
  Start({.limit = 3});
  Prove();
  PassInterval();
  const LimitEvidence trial = Try();
  Throttle(Grant(3));
  Serve(trial);
  EXPECT_EQ(learned_->limit(), 3);
  EXPECT_EQ(learned_->ceiling(), 3);
}

TEST_F(LearnedLimitTest, SecondThrottleDuringATrialIsNot) {
  Start({.limit = 4});
  Prove();
  PassInterval();
  const LimitEvidence trial = Try();
  Throttle(Grant(4));
  Throttle(trial);
  EXPECT_EQ(learned_->limit(), 2);
}

TEST_F(LearnedLimitTest, TrialThatIsRefusedLateTakesBackWhatItGave) {
  Start({.limit = 8});
  Prove();
  PassInterval();
  const LimitEvidence trial = Try();
  Pass(LearnedLimit::kProof);
  ASSERT_EQ(learned_->limit(), 9);
  Throttle(trial);
  EXPECT_EQ(learned_->limit(), 8);
  EXPECT_EQ(learned_->ceiling(), 8);
}

TEST_F(LearnedLimitTest, NewHoursBeginWithWhatThePresentOnesHave) {
  Start({.limit = 5});
  Throttle(Grant(5));
  learned_->EnterClass(HourClass::kPeak, now_);
  EXPECT_EQ(learned_->limit(), 2);
}

TEST_F(LearnedLimitTest, LowerLimitOfTheHoursAppliesAtOnce) {
  Start({.limit = 5});
  learned_->Restore({.hours = HourClass::kPeak, .start = 5, .limit = 2, .ceiling = 2});
  learned_->EnterClass(HourClass::kPeak, now_);
  EXPECT_EQ(learned_->limit(), 2);
}

TEST_F(LearnedLimitTest, WhatWasGrantedInFormerHoursTeachesNothingOfLowerOnes) {
  Start({.limit = 5});
  learned_->Restore({.hours = HourClass::kPeak, .start = 5, .limit = 2, .ceiling = 2});
  const LimitEvidence before = Grant(5);
  Pass(absl::Seconds(1));
  learned_->EnterClass(HourClass::kPeak, now_);
  Throttle(before);
  EXPECT_EQ(learned_->limit(), 2);
}

TEST_F(LearnedLimitTest, HigherLimitOfTheHoursIsClimbedTo) {
  Start({.limit = 3});
  learned_->Restore({.hours = HourClass::kPeak,
                     .start = 3,
                     .limit = 5,
                     .ceiling = 5,
                     .confirmed = now_,
                     .interval = absl::Minutes(10)});
  learned_->EnterClass(HourClass::kPeak, now_);
  EXPECT_EQ(learned_->limit(), 3);
  Prove();
  Serve(Try());
  Serve(Try());
  EXPECT_EQ(learned_->limit(), 5);
  EXPECT_FALSE(learned_->MayTry());
}

TEST_F(LearnedLimitTest, WhatAFormerDaemonLearnedIsTakenUp) {
  Start({.limit = 3});
  learned_->Restore({.hours = HourClass::kOffPeak, .start = 3, .limit = 7, .ceiling = 7});
  EXPECT_EQ(learned_->limit(), 7);
}

TEST_F(LearnedLimitTest, WhatWasLearnedFromAnotherStartIsForgotten) {
  Start({.limit = 3});
  learned_->Restore({.hours = HourClass::kOffPeak, .start = 2, .limit = 7, .ceiling = 7});
  EXPECT_EQ(learned_->limit(), 3);
}

TEST_F(LearnedLimitTest, NewBoundsApplyToWhatWasLearned) {
  Start({.limit = 3});
  learned_->Restore({.hours = HourClass::kOffPeak, .start = 3, .limit = 7, .ceiling = 9});
  learned_->Configure({.limit = 3, .max = 5}, now_);
  EXPECT_EQ(learned_->limit(), 5);
  EXPECT_EQ(learned_->ceiling(), 5);
}

TEST_F(LearnedLimitTest, AnotherConfiguredLimitStartsAnew) {
  Start({.limit = 3});
  learned_->Restore({.hours = HourClass::kOffPeak, .start = 3, .limit = 7, .ceiling = 9});
  learned_->Configure({.limit = 2}, now_);
  EXPECT_EQ(learned_->limit(), 2);
}

TEST_F(LearnedLimitTest, EveryChangeIsHandedOutOnce) {
  Start({.limit = 3});
  EXPECT_EQ(learned_->TakeChange(), std::nullopt);
  Prove();
  EXPECT_EQ(learned_->TakeChange(), std::nullopt);
  PassInterval();
  Serve(Try());
  EXPECT_THAT(learned_->TakeChange(), Optional(learned_->current()));
  EXPECT_EQ(learned_->TakeChange(), std::nullopt);
}

}  // namespace
}  // namespace zbroker::core
