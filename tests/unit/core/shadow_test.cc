// Shadow mode: everything is granted at once, and what would have waited is counted.
#include "tests/unit/core/harness.h"

namespace zbroker::core {
namespace {

class ShadowTest : public BrokerTest {
 protected:
  static BrokerConfig Shadow(int slots, std::vector<WindowConfig> windows = {}) {
    BrokerConfig config = OneAccount(slots, std::move(windows));
    config.accounts[0].shadow = true;
    return config;
  }

  void ExpectWaits(uint32_t count, absl::Duration length) {
    EXPECT_EQ(Look().totals.shadow_waits, count);
    EXPECT_EQ(Look().totals.shadow_waited, length);
  }
};

TEST_F(ShadowTest, WhatFindsASlotIsNoShadow) {
  Start(Shadow(2));
  const LeaseId lease = Take(1, "a");
  Pass(absl::Seconds(10));
  GiveBack(1, lease);
  ExpectWaits(0, absl::ZeroDuration());
}

TEST_F(ShadowTest, WaitForASlotEndsWhenOneIsFree) {
  Start(Shadow(1));
  const LeaseId first = Take(1, "a");
  const LeaseId second = Take(2, "b");
  EXPECT_EQ(Look().in_flight, 1);
  Pass(absl::Seconds(4));
  GiveBack(1, first);
  EXPECT_EQ(Look().in_flight, 1) << "the shadow has it";
  Pass(absl::Seconds(30));
  GiveBack(2, second);
  ExpectWaits(1, absl::Seconds(4));
}

TEST_F(ShadowTest, ShadowThatEndsFirstWouldHaveWaitedAllTheTime) {
  Start(Shadow(1));
  Take(1, "a");
  const LeaseId second = Take(2, "b");
  Pass(absl::Seconds(3));
  GiveBack(2, second);
  ExpectWaits(1, absl::Seconds(3));
  EXPECT_EQ(Records<LeaseClosed>().back().shadow_wait, absl::Seconds(3));
}

TEST_F(ShadowTest, WaitForACoolDownEndsWithIt) {
  Start(Shadow(2));
  GiveBack(1, Take(1, "a"), Outcome::kThrottle, {.retry_after = absl::Seconds(10)});
  const LeaseId second = Take(2, "b");
  Pass(absl::Seconds(60));
  GiveBack(2, second);
  ExpectWaits(1, absl::Seconds(10));
}

TEST_F(ShadowTest, WaitForAWindowEndsWhenThereIsRoom) {
  Start(Shadow(3, {{.name = "w", .length = absl::Minutes(1), .limit = Units(1)}}));
  Take(1, "a", Kind::kPrompt);
  Pass(absl::Seconds(20));
  const LeaseId second = Take(2, "b", Kind::kPrompt);
  Pass(absl::Seconds(50));
  GiveBack(2, second);
  ExpectWaits(1, absl::Seconds(40));
}

TEST_F(ShadowTest, WaitForAPoolEndsWhenItHasRoom) {
  BrokerConfig config = Shadow(3);
  config.accounts[0].pools = {{.models = {"m"}, .limit = 1}};
  Start(config);
  Do(AskFor(1, "a", "m"));
  Do(AskFor(2, "b", "m"));
  Pass(absl::Seconds(5));
  EXPECT_EQ(Look().pools.at(0).in_flight, 1);
  GiveBack(1, Last<Granted>(1).lease);
  Pass(absl::Seconds(5));
  GiveBack(2, Last<Granted>(2).lease);
  ExpectWaits(1, absl::Seconds(5));
}

TEST_F(ShadowTest, CapOfASessionCountsToo) {
  BrokerConfig config = Shadow(3);
  config.accounts[0].slots.per_session = 1;
  Start(config);
  const LeaseId first = Take(1, "a");
  const LeaseId second = Take(1, "b");
  Pass(absl::Seconds(5));
  GiveBack(1, first);
  Pass(absl::Seconds(5));
  GiveBack(1, second);
  ExpectWaits(1, absl::Seconds(5));
}

TEST_F(ShadowTest, WallRefusesNobody) {
  Start(Shadow(2));
  GiveBack(1, Take(1, "a"), Outcome::kWall, {.until = now_ + absl::Hours(1)});
  EXPECT_NE(Take(2, "b"), 0u);
}

TEST_F(ShadowTest, WhatCanNeverFitIsGrantedAllTheSame) {
  Start(Shadow(2, {{.name = "w", .length = absl::Minutes(1), .limit = Units(1)}}));
  Acquire heavy = Ask(1, "a", Kind::kPrompt);
  heavy.request.weight = Units(2);
  Do(heavy);
  EXPECT_EQ(Count<Granted>(1), 1);
}

TEST_F(ShadowTest, WhoeverIsGrantedHearsOfIt) {
  Start(Shadow(1));
  Take(1, "a");
  EXPECT_TRUE(Last<Granted>(1).shadow);
  Start(OneAccount(1));
  Take(2, "b");
  EXPECT_FALSE(Last<Granted>(2).shadow);
}

TEST_F(ShadowTest, AfterARestartTheNewestLeasesWentWithoutASlot) {
  Start(Shadow(2));
  for (StreamId i = 1; i <= 4; ++i) Take(i, absl::StrCat("t", i));
  Recovered recovered;
  for (const LeaseOpened& opened : Records<LeaseOpened>()) {
    recovered.leases.push_back({opened, /*holder_alive=*/true});
    recovered.last_lease = opened.lease;
  }
  Pass(absl::Seconds(3));
  Start(Shadow(2));
  broker_->Restore(recovered, now_);
  EXPECT_EQ(Look().in_flight, 2);
  Do(Hello{OnStream(4), {{4, "t4"}}});
  GiveBack(4, 4);
  EXPECT_EQ(Look().in_flight, 2);
  ExpectWaits(1, absl::Seconds(3));
}

TEST_F(ShadowTest, TurningItOffEndsTheWaitOfShadowsAndGrantsNothingUntilDrained) {
  Start(Shadow(1));
  const LeaseId first = Take(1, "a");
  const LeaseId second = Take(2, "b");
  Pass(absl::Seconds(4));
  Effects effects;
  broker_->Reconfigure(OneAccount(1), {}, now_, effects);
  Settle(effects);
  EXPECT_EQ(Look().in_flight, 2);
  Do(Ask(3, "c"));
  GiveBack(1, first);
  EXPECT_EQ(Count<Granted>(3), 0);
  Pass(absl::Seconds(6));
  GiveBack(2, second);
  EXPECT_EQ(Count<Granted>(3), 1);
  ExpectWaits(1, absl::Seconds(4));
}

TEST_F(ShadowTest, PauseHoldsEverybodyBackAllTheSame) {
  Start(Shadow(1));
  Client admin = OnStream(9);
  admin.admin = true;
  Do(SetPaused{.client = admin, .account = "default", .paused = true});
  Do(Ask(1, "a"));
  EXPECT_EQ(Last<Queued>(1).state.reason, WaitReason::kPaused);
  Do(SetPaused{.client = admin, .account = "default"});
  EXPECT_EQ(Count<Granted>(1), 1);
}

}  // namespace
}  // namespace zbroker::core
