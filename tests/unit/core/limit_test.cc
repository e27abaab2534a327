// The slot limit as the broker uses it: learned, pinned, scheduled, paused around.
#include "tests/unit/core/harness.h"

namespace zbroker::core {
namespace {

const ReleaseDetails kForOneSecond{.upstream_code = "1302", .retry_after = absl::Seconds(1)};

class LimitTest : public BrokerTest {
 protected:
  LeaseId LeaseOf(StreamId stream) { return Last<Granted>(stream).lease; }

  // All of `slots` taken and served once, so that a trial is due a minute after the start; then
  // taken again, on streams 1 to `slots`.
  void StartProven(int slots) {
    Start(OneAccount(slots));
    for (int round = 0; round < 2; ++round) {
      for (int i = 1; i <= slots; ++i) Do(AskReporting(static_cast<StreamId>(i)));
      if (round > 0) break;
      for (int i = 1; i <= slots; ++i) {
        GiveBack(static_cast<StreamId>(i), LeaseOf(static_cast<StreamId>(i)));
      }
    }
  }

  void Pin(std::optional<int> limit) {
    Client admin = OnStream(99);
    admin.admin = true;
    Do(SetLimit{admin, "default", limit});
  }

  int Learned() {
    for (const KnownLimit& known : Look().known_limits) {
      if (known.in_force) return known.state.limit;
    }
    ADD_FAILURE() << "nothing is known for these hours";
    return 0;
  }
};

TEST_F(LimitTest, ThrottleHalvesItAndIsRecorded) {
  Start(OneAccount(4));
  for (StreamId i = 1; i <= 4; ++i) Do(AskReporting(i));
  GiveBack(4, LeaseOf(4), Outcome::kThrottle, kForOneSecond);
  EXPECT_EQ(Look().slot_limit, 2);
  EXPECT_EQ(Look().source, LimitSource::kLearned);
  EXPECT_EQ(Records<LimitLearned>().back().state.limit, 2);
  EXPECT_EQ(Records<LimitLearned>().back().state.why, "throttled (1302) with 4 in flight");
}

TEST_F(LimitTest, ThrottlesOfOneBurstLowerItOnce) {
  Start(OneAccount(8));
  for (StreamId i = 1; i <= 8; ++i) Do(AskReporting(i));
  for (StreamId i = 8; i >= 4; --i) GiveBack(i, LeaseOf(i), Outcome::kThrottle, kForOneSecond);
  EXPECT_EQ(Look().slot_limit, 4);
}

TEST_F(LimitTest, LoweredBelowWhatIsInFlightItCancelsNothingAndGrantsNothingUntilDrained) {
  Start(OneAccount(4));
  for (StreamId i = 1; i <= 4; ++i) Do(AskReporting(i));
  GiveBack(4, LeaseOf(4), Outcome::kThrottle, kForOneSecond);
  Do(AskReporting(5));
  Pass(absl::Seconds(1));
  EXPECT_EQ(Look().in_flight, 3);
  GiveBack(1, LeaseOf(1));
  EXPECT_EQ(Count<Granted>(5), 0) << "two are still in flight";
  GiveBack(2, LeaseOf(2));
  EXPECT_EQ(Count<Granted>(5), 1);
}

TEST_F(LimitTest, TooManyStartsLowerNothing) {
  Start(OneAccount(4));
  for (StreamId i = 1; i <= 4; ++i) Do(AskReporting(i));
  GiveBack(4, LeaseOf(4), Outcome::kThrottle, {.upstream_code = "1303", .start_rate = true});
  EXPECT_EQ(Look().slot_limit, 4);
}

TEST_F(LimitTest, OverloadLowersNothing) {
  Start(OneAccount(2));
  for (StreamId i = 1; i <= 2; ++i) Do(AskReporting(i));
  GiveBack(2, LeaseOf(2), Outcome::kOverload, kForOneSecond);
  EXPECT_EQ(Look().slot_limit, 2);
}

TEST_F(LimitTest, TrialIsMadeWhenItIsDueAndSomebodyWaits) {
  StartProven(2);
  Do(AskReporting(3));
  Pass(absl::Seconds(59));
  EXPECT_EQ(Count<Granted>(3), 0);
  Pass(absl::Seconds(1));
  EXPECT_EQ(Count<Granted>(3), 1);
  EXPECT_EQ(Look().in_flight, 3);
  Do(AskReporting(4));
  EXPECT_EQ(Count<Granted>(4), 0) << "one at a time";
  Pass(absl::Seconds(5));
  EXPECT_EQ(Look().slot_limit, 3);
}

TEST_F(LimitTest, TrialSucceedsAtItsInstantAlsoWhenNobodyWaits) {
  StartProven(2);
  Do(AskReporting(3));
  Pass(absl::Minutes(1));
  ASSERT_EQ(Count<Granted>(3), 1);
  EXPECT_EQ(broker_->NextDeadline(), now_ + LearnedLimit::kProof);
  const BootTime served = now_ + LearnedLimit::kProof;
  Pass(absl::Minutes(1));
  EXPECT_EQ(Records<LimitLearned>().back().state.limit, 3);
  EXPECT_EQ(Records<LimitLearned>().back().state.changed, served);
}

TEST_F(LimitTest, TrialIsForThoseWhoTakeAThrottleOnly) {
  StartProven(2);
  Do(Ask(3, "fragile"));
  Do(AskReporting(4));
  Pass(absl::Minutes(2));
  EXPECT_EQ(Count<Granted>(3), 0);
  EXPECT_EQ(Count<Granted>(4), 1);
}

TEST_F(LimitTest, LeasesWhoseClientsReportNothingShowNothing) {
  Start(OneAccount(3));
  for (int round = 0; round < 3; ++round) {
    for (StreamId i = 1; i <= 3; ++i) Do(Ask(i, absl::StrCat("wrapped", i)));
    Do(AskReporting(4));
    Pass(absl::Minutes(10));
    EXPECT_EQ(Count<Granted>(4), round) << "no trial beside slots of which nothing is known";
    for (StreamId i = 1; i <= 3; ++i) GiveBack(i, LeaseOf(i));
    GiveBack(4, LeaseOf(4));
  }
  EXPECT_EQ(Look().slot_limit, 3);
}

TEST_F(LimitTest, InFlightAtAThrottleAreThoseWhoseClientsReport) {
  Start(OneAccount(6));
  for (StreamId i = 1; i <= 3; ++i) Do(Ask(i, absl::StrCat("wrapped", i)));
  for (StreamId i = 4; i <= 6; ++i) Do(AskReporting(i));
  GiveBack(6, LeaseOf(6), Outcome::kThrottle, kForOneSecond);
  EXPECT_EQ(Records<LimitLearned>().back().state.why, "throttled (1302) with 3 in flight");
}

TEST_F(LimitTest, TrialIsMadeOnlyWithAllSlotsTaken) {
  StartProven(2);
  GiveBack(2, LeaseOf(2));
  Pass(absl::Minutes(2));
  Do(AskReporting(3));
  EXPECT_FALSE(Look().leases.back().trial);
}

TEST_F(LimitTest, ThrottledTrialChangesNoLimit) {
  StartProven(2);
  Do(AskReporting(3));
  Pass(absl::Minutes(1));
  GiveBack(3, LeaseOf(3), Outcome::kThrottle, kForOneSecond);
  Pass(absl::Seconds(10));
  EXPECT_EQ(Look().slot_limit, 2);
}

TEST_F(LimitTest, TrialThatIsRevokedShowsNothing) {
  StartProven(2);
  Do(AskReporting(3));
  Pass(absl::Minutes(1));
  Pass(absl::Milliseconds(4'500));
  Do(Revoke{.client = OnStream(3), .lease = LeaseOf(3)});
  Pass(absl::Seconds(10));
  EXPECT_EQ(Look().slot_limit, 2);
}

TEST_F(LimitTest, TrialWhoseHolderIsGoneShowsNothing) {
  StartProven(2);
  Do(AskReporting(3));
  Pass(absl::Minutes(1));
  Do(StreamClosed{3});
  Pass(absl::Seconds(8));
  EXPECT_EQ(Look().slot_limit, 2) << "orphaned";
  Do(HolderExited{103, 7});
  Pass(absl::Seconds(8));
  EXPECT_EQ(Look().slot_limit, 2) << "lost";
}

TEST_F(LimitTest, TrialThatCannotBeRecordedShowsNothing) {
  StartProven(2);
  Pass(absl::Minutes(2));
  Effects effects;
  broker_->Apply(AskReporting(3), now_, effects);
  broker_->Settle(now_, effects);
  ASSERT_TRUE(Look().leases.back().trial);
  std::vector<AddressedEvent> refusals;
  broker_->LedgerFailed(absl::UnavailableError("disk full"), effects, refusals);
  broker_->LedgerWorks();
  Pass(absl::Seconds(10));
  Do(Ask(4, "more"));
  EXPECT_EQ(Look().slot_limit, 2);
}

TEST_F(LimitTest, PinStopsLearning) {
  StartProven(2);
  Do(AskReporting(3));
  Pass(absl::Minutes(1));
  Pin(2);
  Do(AskReporting(4));
  Pass(absl::Minutes(2));
  GiveBack(2, LeaseOf(2), Outcome::kThrottle, kForOneSecond);
  EXPECT_EQ(Look().slot_limit, 2);
  EXPECT_EQ(Look().source, LimitSource::kPinned);
  EXPECT_EQ(Learned(), 2) << "neither the trial nor the throttle counts";
  Pin(std::nullopt);
  Pass(absl::Seconds(1));
  EXPECT_EQ(Look().slot_limit, 2);
}

TEST_F(LimitTest, ThrottlesOfWhatWasGrantedUnderAPinTellNothingOfTheLearnedLimit) {
  Start(OneAccount(2));
  Pin(4);
  for (StreamId i = 1; i <= 4; ++i) Do(AskReporting(i));
  Pin(std::nullopt);
  GiveBack(4, LeaseOf(4), Outcome::kThrottle, kForOneSecond);
  EXPECT_EQ(Look().slot_limit, 2);
}

TEST_F(LimitTest, LearnedLimitSurvivesARestartAndAReload) {
  Start(OneAccount(4));
  for (StreamId i = 1; i <= 4; ++i) Do(AskReporting(i));
  GiveBack(4, LeaseOf(4), Outcome::kThrottle, kForOneSecond);
  Recovered recovered;
  recovered.limits = Records<LimitLearned>();
  Start(OneAccount(4));
  broker_->Restore(recovered, now_);
  EXPECT_EQ(Look().slot_limit, 2);
  Effects effects;
  broker_->Reconfigure(OneAccount(4), recovered, now_, effects);
  EXPECT_EQ(Look().slot_limit, 2);
}

TEST_F(LimitTest, ScheduleSetsItAtItsHoursAndWakesTheBroker) {
  BrokerConfig config = OneAccount(1);
  config.accounts[0].schedules = {
      {.when = WeekHours::Daily(60, 120, absl::UTCTimeZone()), .limit = 2}};
  now_ = BootTime::FromMicros(0);
  Start(config);
  Take(1, "a");
  Do(Ask(2, "b"));
  Pass(absl::Hours(1) - absl::Microseconds(1));
  EXPECT_EQ(Count<Granted>(2), 0);
  Pass(absl::Microseconds(1));
  EXPECT_EQ(Count<Granted>(2), 1);
  EXPECT_EQ(Look().source, LimitSource::kScheduled);
}

TEST_F(LimitTest, WhatIsLearnedInTheHoursOfAScheduleStaysThroughAReload) {
  BrokerConfig config = OneAccount(6);
  config.accounts[0].schedules = {
      {.when = WeekHours::Daily(0, 60, absl::UTCTimeZone()), .limit = 4}};
  now_ = BootTime::FromMicros(0);
  Start(config);
  for (StreamId i = 1; i <= 3; ++i) Do(AskReporting(i));
  Pass(absl::Seconds(1));
  Do(AskReporting(4));
  GiveBack(4, LeaseOf(4), Outcome::kThrottle, kForOneSecond);
  ASSERT_EQ(Look().slot_limit, 2);
  Effects effects;
  broker_->Reconfigure(config, {}, now_, effects);
  EXPECT_EQ(Look().slot_limit, 2);
  Pass(absl::Hours(1));
  Do(Ask(9, "later"));
  EXPECT_EQ(Look().slot_limit, 6) << "other hours";
}

TEST_F(LimitTest, ThrottlesOfWhatOtherHoursGrantedTellNothingOfTheseHours) {
  BrokerConfig config = OneAccount(4);
  config.accounts[0].schedules = {
      {.when = WeekHours::Daily(60, 120, absl::UTCTimeZone()), .limit = 2}};
  now_ = BootTime::FromMicros(0);
  Start(config);
  for (StreamId i = 1; i <= 4; ++i) Do(AskReporting(i));
  Do(AskReporting(5));
  Pass(absl::Hours(1));
  GiveBack(4, LeaseOf(4), Outcome::kThrottle, kForOneSecond);
  EXPECT_EQ(Look().slot_limit, 2);
}

class OutsideTest : public BrokerTest {
 protected:
  // Three are served, one of which is left to a program out of reach.
  void SetUp() override {
    BrokerConfig config = OneAccount(3);
    config.accounts[0].slots.reserve_outside = 1;
    Start(config);
  }
  LeaseId AskOn(StreamId stream) {
    Do(AskReporting(stream));
    return Count<Granted>(stream) > 0 ? Last<Granted>(stream).lease : 0;
  }
};

TEST_F(OutsideTest, SlotIsLeftToThem) {
  AskOn(1);
  AskOn(2);
  EXPECT_EQ(AskOn(3), 0u);
  EXPECT_EQ(Look().slot_limit, 2);
  EXPECT_EQ(Last<Queued>(3).state.slot_limit, 2);
}

TEST_F(OutsideTest, LearningGoesNoHigherThanWhatIsConfigured) {
  AskOn(1);
  AskOn(2);
  Pass(absl::Hours(1));
  GiveBack(1, Last<Granted>(1).lease);
  AskOn(4);
  AskOn(5);
  Pass(absl::Hours(2));
  EXPECT_EQ(Look().slot_limit, 2);
  EXPECT_EQ(Count<Granted>(5), 0);
}

TEST_F(OutsideTest, LimitThatFellComesBackToWhatIsConfigured) {
  AskOn(1);
  const LeaseId refused = AskOn(2);
  GiveBack(2, refused, Outcome::kThrottle, {.upstream_code = "1302"});
  EXPECT_EQ(Look().slot_limit, 1);
  StreamId stream = 10;
  for (int i = 0; i < 200 && Look().slot_limit < 2; ++i) {
    AskOn(++stream);
    AskOn(++stream);
    Pass(absl::Seconds(30));
    for (const LeaseSnapshot& lease : Look().leases) GiveBack(lease.client.stream, lease.id);
  }
  EXPECT_EQ(Look().slot_limit, 2);
}

TEST_F(OutsideTest, OneSlotIsKeptWhateverIsPinned) {
  Client admin = OnStream(99);
  admin.admin = true;
  Do(SetLimit{admin, "", 1});
  EXPECT_EQ(Last<Done>(99).slot_limit, 1);
  EXPECT_NE(AskOn(1), 0u);
  EXPECT_EQ(AskOn(2), 0u);
}

}  // namespace
}  // namespace zbroker::core
