// What still runs upstream after its client has gone.
#include "daemon/core/left_behind.h"

#include "tests/unit/core/harness.h"

namespace zbroker::core {
namespace {

using ::testing::SizeIs;

const BootTime kStart = BootTime::FromMicros(1'000'000'000);

class LeftBehindTest : public ::testing::Test {
 protected:
  LeftBehindTest() { left_.Configure(absl::Seconds(1)); }
  LeftBehind left_;
};

TEST_F(LeftBehindTest, RefusalSoonAfterIsExplainedOnceAndKeepsTheNextSlotLonger) {
  left_.Freed(kStart);
  EXPECT_TRUE(left_.Explains(kStart + absl::Seconds(2), kStart));
  EXPECT_EQ(left_.hold(), absl::Seconds(2));
  EXPECT_FALSE(left_.Explains(kStart + absl::Seconds(2), kStart));
}

TEST_F(LeftBehindTest, WhatWasGrantedBeforeOrLongAfterIsNotExplained) {
  left_.Freed(kStart);
  EXPECT_FALSE(left_.Explains(kStart - absl::Seconds(1), kStart));
  EXPECT_FALSE(left_.Explains(kStart + LeftBehind::kSuspect, kStart));
  EXPECT_EQ(left_.hold(), absl::Seconds(1));
}

TEST_F(LeftBehindTest, GrowsToTheLongestAndShrinksToWhatIsConfigured) {
  BootTime now = kStart;
  for (int i = 0; i < 10; ++i) {
    left_.Freed(now);
    EXPECT_TRUE(left_.Explains(now, now));
    now = now + absl::Minutes(1);
  }
  EXPECT_EQ(left_.hold(), LeftBehind::kLongest);
  for (int i = 0; i < 30; ++i) {
    left_.Freed(now);
    left_.ServedAtLimit(now);
    now = now + absl::Minutes(1);
  }
  EXPECT_EQ(left_.hold(), absl::Seconds(1));
  left_.ServedAtLimit(now);
  EXPECT_EQ(left_.hold(), absl::Seconds(1)) << "nothing was left behind";
}

TEST_F(LeftBehindTest, AnotherConfigurationBeginsAnew) {
  left_.Freed(kStart);
  left_.Explains(kStart, kStart);
  left_.Configure(absl::Seconds(1));
  EXPECT_EQ(left_.hold(), absl::Seconds(2));
  left_.Configure(absl::Seconds(5));
  EXPECT_EQ(left_.hold(), absl::Seconds(5));
}

TEST_F(LeftBehindTest, EndThatExplainsARefusalIsNotBelievedForAWhileAndTheTimeStays) {
  EXPECT_TRUE(left_.BelievesEnds(kStart));
  left_.Freed(kStart);
  left_.EndSeen(kStart);
  EXPECT_TRUE(left_.Explains(kStart + absl::Seconds(1), kStart + absl::Seconds(2)));
  EXPECT_EQ(left_.hold(), absl::Seconds(1));
  EXPECT_FALSE(left_.BelievesEnds(kStart + absl::Minutes(59)));
  EXPECT_TRUE(left_.BelievesEnds(kStart + absl::Hours(2)));
}

class KilledRequestsTest : public BrokerTest {
 protected:
  // Three are in flight, as many as are served; the third's holder is killed, and a fourth takes
  // its slot.
  void SetUp() override {
    Start(OneAccount(3));
    for (StreamId i = 1; i <= 3; ++i) Do(AskReporting(i));
    Pass(absl::Seconds(6));
  }
  void KillThird() {
    Do(StreamClosed{3});
    Do(HolderExited{103, 7});
    killed_ = now_;
  }
  BootTime killed_;
};

TEST_F(KilledRequestsTest, ThrottleAfterAKillLowersNoLimitAndTheNextKilledOneIsKeptLonger) {
  KillThird();
  Pass(absl::Seconds(1));
  Do(AskReporting(4));
  GiveBack(4, Last<Granted>(4).lease, Outcome::kThrottle, {.upstream_code = "1302"});
  EXPECT_EQ(Look().slot_limit, 3);
  EXPECT_THAT(Look().model_limits, SizeIs(0));
  EXPECT_EQ(Look().unclean_hold, absl::Seconds(2));
  // It is one refusal that is explained: the next is the limit.
  Pass(absl::Seconds(1));
  Do(AskReporting(5));
  GiveBack(5, Last<Granted>(5).lease, Outcome::kThrottle, {.upstream_code = "1302"});
  EXPECT_LT(Look().slot_limit, 3);
}

TEST_F(KilledRequestsTest, WithoutAThrottleItStaysAsConfigured) {
  KillThird();
  Pass(absl::Seconds(1));
  Do(AskReporting(4));
  GiveBack(4, Last<Granted>(4).lease);
  EXPECT_EQ(Look().unclean_hold, std::nullopt);
}

TEST_F(KilledRequestsTest, RefusedTrialIsAboutTheLimit) {
  GiveBack(3, Last<Granted>(3).lease);
  Do(AskReporting(3));
  Pass(absl::Hours(1));
  KillThird();
  Pass(absl::Seconds(1));
  Do(AskReporting(4));
  Do(AskReporting(5));
  ASSERT_TRUE(Look().trial_under_way);
  GiveBack(5, Last<Granted>(5).lease, Outcome::kThrottle, {.upstream_code = "1302"});
  EXPECT_EQ(Look().unclean_hold, std::nullopt);
}

TEST_F(KilledRequestsTest, SlotIsFreeAtOnceWhenTheUpstreamsEndIsSeen) {
  const LeaseId third = Last<Granted>(3).lease;
  GiveBack(3, third, Outcome::kCancelled, {.message = "gone", .under_way = true});
  Do(AskReporting(4));
  EXPECT_EQ(Count<Granted>(4), 0);
  GiveBack(3, third, Outcome::kCancelled, {.message = "gone"});
  EXPECT_EQ(Count<Granted>(4), 1);
  EXPECT_EQ(Count<Released>(3), 1);
}

TEST_F(KilledRequestsTest, EndThatAThrottleShowsToBeNoneIsBelievedNoMore) {
  const LeaseId third = Last<Granted>(3).lease;
  GiveBack(3, third, Outcome::kCancelled, {.under_way = true});
  GiveBack(3, third, Outcome::kCancelled);
  Do(AskReporting(4));
  GiveBack(4, Last<Granted>(4).lease, Outcome::kThrottle, {.upstream_code = "1302"});
  EXPECT_EQ(Look().slot_limit, 3);
  EXPECT_EQ(Look().unclean_hold, std::nullopt);
  const LeaseId second = Last<Granted>(2).lease;
  GiveBack(2, second, Outcome::kCancelled, {.under_way = true});
  GiveBack(2, second, Outcome::kCancelled);
  EXPECT_EQ(Count<Released>(2), 0);
  Pass(absl::Seconds(1));
  EXPECT_EQ(Count<Released>(2), 1);
}

}  // namespace
}  // namespace zbroker::core
