// From what the upstream answered to what it blocks and whom it refuses.
#include "tests/unit/core/harness.h"

namespace zbroker::core {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::zbroker::testing::Fails;
using ::zbroker::testing::HasCode;

const ReleaseDetails kForTenSeconds{.retry_after = absl::Seconds(10)};

class SignalTest : public BrokerTest {
 protected:
  ReleaseDetails WallFor(absl::Duration length, Scope scope = Scope::kAccount) const {
    return {.upstream_code = "1308",
            .message = "Usage limit reached",
            .until = now_ + length,
            .window_length = absl::Hours(5),
            .scope = scope};
  }

  static WindowConfig OnePromptADay() {
    return {.name = "w", .length = absl::Hours(24), .limit = Units(1)};
  }

  static Acquire Holding(Acquire acquire) {
    acquire.hold_until_reset = true;
    return acquire;
  }

  void SetPaused(bool paused, bool end_breaker = false) {
    Client admin = OnStream(9);
    admin.admin = true;
    Do(core::SetPaused{admin, "default", paused, end_breaker});
  }
};

TEST_F(SignalTest, CoolDownHoldsEveryModelBackAndEndsByItself) {
  Start(OneAccount(2));
  const LeaseId lease = Take(1, "a");
  GiveBack(1, lease, Outcome::kThrottle, kForTenSeconds);
  Do(AskFor(2, "b", "m"));
  const Queued queued = Last<Queued>(2);
  EXPECT_EQ(queued.state.reason, WaitReason::kBlocked);
  EXPECT_EQ(Describe(queued.state), "cooling down after a throttle");
  EXPECT_EQ(queued.state.estimate, absl::Seconds(10));
  EXPECT_EQ(broker_->NextDeadline(), now_ + absl::Seconds(1)) << "progress comes first";
  Pass(absl::Seconds(10) - absl::Microseconds(1));
  EXPECT_EQ(Count<Granted>(2), 0);
  Pass(absl::Microseconds(1));
  EXPECT_EQ(Count<Granted>(2), 1);
}

TEST_F(SignalTest, OverloadHoldsBackItsModelOnly) {
  Start(OneAccount(2));
  Do(AskFor(1, "a", "busy"));
  const LeaseId lease = Last<Granted>(1).lease;
  GiveBack(1, lease, Outcome::kOverload, kForTenSeconds);
  Do(AskFor(2, "b", "busy"));
  Do(AskFor(3, "c", "calm"));
  EXPECT_EQ(Count<Granted>(2), 0);
  EXPECT_EQ(Count<Granted>(3), 1);
  EXPECT_EQ(Describe(Last<Queued>(2).state), "the upstream is too busy for model busy");
  Pass(absl::Seconds(10));
  EXPECT_EQ(Count<Granted>(2), 1);
}

TEST_F(SignalTest, NoWaitIsRefusedDuringACoolDown) {
  Start(OneAccount(2));
  GiveBack(1, Take(1, "a"), Outcome::kThrottle, kForTenSeconds);
  Acquire acquire = Ask(2, "b");
  acquire.no_wait = true;
  Do(acquire);
  EXPECT_THAT(Last<Refused>(2).status,
              Fails(absl::StatusCode::kAborted, HasSubstr("cooling down after a throttle")));
  EXPECT_FALSE(Last<Refused>(2).block);
}

TEST_F(SignalTest, WallRefusesNewcomersWithTheBlock) {
  Start(OneAccount(2));
  GiveBack(1, Take(1, "a"), Outcome::kWall, WallFor(absl::Hours(1)));
  const BootTime until = now_ + absl::Hours(1);
  Do(Ask(2, "b"));
  const Refused refused = Last<Refused>(2);
  EXPECT_THAT(refused.status, Fails(absl::StatusCode::kResourceExhausted,
                                    HasSubstr("used up: Usage limit reached (1308)")));
  ASSERT_TRUE(refused.block);
  EXPECT_EQ(refused.block->reason, BlockReason::kWall);
  EXPECT_EQ(refused.block->until, until);
  EXPECT_EQ(Count<Queued>(2), 0);
}

TEST_F(SignalTest, WallRefusesThoseWhoWaitUnlessTheyHoldOn) {
  Start(OneAccount(1));
  const LeaseId lease = Take(1, "a");
  Do(Ask(2, "b"));
  Do(Holding(Ask(3, "c")));
  GiveBack(1, lease, Outcome::kWall, WallFor(absl::Hours(1)));
  EXPECT_TRUE(Last<Refused>(2).block);
  EXPECT_EQ(Count<Refused>(3), 0);
  EXPECT_EQ(Count<Granted>(3), 0);
  Pass(absl::Hours(1));
  EXPECT_EQ(Count<Granted>(3), 1);
}

TEST_F(SignalTest, VanishedWaiterMeetsTheWallWhenItReturns) {
  Start(OneAccount(1));
  const LeaseId lease = Take(1, "a");
  Do(Ask(2, "b"));
  Do(StreamClosed{2});
  GiveBack(1, lease, Outcome::kWall, WallFor(absl::Hours(1)));
  Do(Ask(3, "b"));
  EXPECT_THAT(Last<Refused>(3).status, HasCode(absl::StatusCode::kResourceExhausted));
}

TEST_F(SignalTest, WallOfAKindLeavesTheOthersAlone) {
  Start(OneAccount(2));
  GiveBack(1, Take(1, "a", Kind::kMcp), Outcome::kWall, WallFor(absl::Hours(1), Scope::kKind));
  Do(Ask(2, "b", Kind::kMcp));
  EXPECT_TRUE(Last<Refused>(2).block);
  Take(3, "c", Kind::kPrompt);
}

TEST_F(SignalTest, BreakerSilencesTheAccountForAnHour) {
  Start(OneAccount(2));
  GiveBack(1, Take(1, "a"), Outcome::kBreaker);
  Do(Holding(Ask(2, "b")));
  Pass(absl::Minutes(59));
  EXPECT_EQ(Count<Granted>(2), 0);
  Pass(absl::Minutes(1));
  EXPECT_EQ(Count<Granted>(2), 1);
}

TEST_F(SignalTest, PlanThatHasExpiredRefusesForFiveMinutes) {
  Start(OneAccount(1));
  GiveBack(1, Take(1, "a"), Outcome::kTerminal,
           {.upstream_code = "1309", .message = "expired", .plan = true});
  Do(Ask(2, "b"));
  EXPECT_THAT(Last<Refused>(2).status,
              Fails(absl::StatusCode::kResourceExhausted, HasSubstr("expired (1309)")));
  EXPECT_EQ(Last<Refused>(2).block->reason, BlockReason::kPlan);
  Pass(absl::Minutes(5));
  Take(3, "c");
}

TEST_F(SignalTest, ModelThatThePlanLacksIsRefusedAlone) {
  Start(OneAccount(1));
  Do(AskFor(1, "a", "glm-9"));
  GiveBack(1, Last<Granted>(1).lease, Outcome::kTerminal, {.plan = true, .scope = Scope::kModel});
  Do(AskFor(2, "b", "glm-9"));
  EXPECT_THAT(Last<Refused>(2).status,
              Fails(absl::StatusCode::kResourceExhausted, HasSubstr("the plan lacks model glm-9")));
  Do(AskFor(3, "c", "glm-4.7"));
  EXPECT_EQ(Count<Granted>(3), 1);
}

TEST_F(SignalTest, TerminalAndTransientAnswersHoldNobodyBack) {
  Start(OneAccount(1));
  GiveBack(1, Take(1, "a"), Outcome::kTerminal, kForTenSeconds);
  GiveBack(1, Take(1, "b"), Outcome::kTransient, kForTenSeconds);
  Take(2, "c");
  EXPECT_THAT(Records<BlockSet>(), IsEmpty());
}

TEST_F(SignalTest, WhatWasTurnedAwayGetsItsChargeBack) {
  for (const Outcome outcome : {Outcome::kThrottle, Outcome::kOverload, Outcome::kWall,
                                Outcome::kBreaker, Outcome::kTerminal}) {
    Start(OneAccount(1, {OnePromptADay()}));
    records_.clear();
    GiveBack(1, Take(1, "a", Kind::kPrompt), outcome);
    EXPECT_EQ(Look().windows[0].used, Amount()) << Name(outcome);
    EXPECT_THAT(Records<LeaseClosed>()[0].refunds, ElementsAre(Charge{"w", Units(1)}));
  }
}

TEST_F(SignalTest, WhatWasServedKeepsItsCharge) {
  for (const Outcome outcome : {Outcome::kOk, Outcome::kFailed, Outcome::kTransient}) {
    Start(OneAccount(1, {OnePromptADay()}));
    records_.clear();
    GiveBack(1, Take(1, "a", Kind::kPrompt), outcome);
    EXPECT_EQ(Look().windows[0].used, Units(1)) << Name(outcome);
    EXPECT_THAT(Records<LeaseClosed>()[0].refunds, IsEmpty());
  }
}

TEST_F(SignalTest, ChargeTakenBackMakesRoomForTheNext) {
  Start(OneAccount(1, {OnePromptADay()}));
  const LeaseId lease = Take(1, "a", Kind::kPrompt);
  Do(Ask(2, "b", Kind::kPrompt));
  GiveBack(1, lease, Outcome::kTerminal);
  EXPECT_EQ(Count<Granted>(2), 1);
}

TEST_F(SignalTest, SentBackTicketKeepsItsPlaceAndCountsItsAttempts) {
  Start(OneAccount(1));
  const BootTime arrival = now_;
  const LeaseId lease = Take(1, "a");
  Pass(absl::Seconds(1));
  Do(Ask(2, "b"));
  GiveBack(1, lease, Outcome::kThrottle, kForTenSeconds);
  Do(Ask(1, "a"));
  EXPECT_EQ(Last<Queued>(1).arrival, arrival);
  EXPECT_EQ(Last<Queued>(1).state.position, 1u);
  Pass(absl::Seconds(10));
  EXPECT_EQ(Count<Granted>(1), 2);
  EXPECT_EQ(Count<Granted>(2), 0);
  EXPECT_EQ(Look().leases[0].attempt, 2u);
  EXPECT_EQ(Records<LeaseOpened>()[1].attempt, 2u);
  EXPECT_EQ(Records<LeaseOpened>()[1].queued, arrival);
}

TEST_F(SignalTest, WhoHoldsOnAtAWallKeepsItsPlaceToo) {
  Start(OneAccount(1));
  const BootTime arrival = now_;
  const LeaseId lease = Take(1, "a");
  GiveBack(1, lease, Outcome::kWall, WallFor(absl::Hours(1)));
  Pass(absl::Seconds(1));
  Do(Holding(Ask(1, "a")));
  EXPECT_EQ(Last<Queued>(1).arrival, arrival);
}

TEST_F(SignalTest, PlaceIsKeptForFiveSecondsAndForItsUserOnly) {
  Start(OneAccount(1));
  GiveBack(1, Take(1, "a"), Outcome::kThrottle, kForTenSeconds);
  Acquire stranger = Ask(2, "a");
  stranger.client.holder.uid = kUid + 1;
  Do(stranger);
  EXPECT_EQ(Look().waiters[0].waiter.attempt, 1u);
  Pass(PlaceTable::kKept);
  Do(Ask(1, "a"));
  EXPECT_EQ(Last<Queued>(1).arrival, now_);
}

TEST_F(SignalTest, SentBackTicketFindsRoomInAFullQueue) {
  BrokerConfig config = OneAccount(1);
  config.queue_max = 1;
  Start(config);
  const LeaseId lease = Take(1, "a");
  Pass(absl::Seconds(1));
  Do(Ask(2, "b"));
  GiveBack(1, lease, Outcome::kThrottle, kForTenSeconds);
  Do(Ask(3, "c"));
  EXPECT_EQ(Count<Refused>(3), 1) << "the queue is full";
  Do(Ask(1, "a"));
  EXPECT_EQ(Count<Refused>(1), 0);
  EXPECT_EQ(Last<Queued>(1).state.position, 1u);
}

TEST_F(SignalTest, OtherEndsDoNotKeepThePlace) {
  Start(OneAccount(1));
  GiveBack(1, Take(1, "a"), Outcome::kTransient);
  Take(1, "a");
  EXPECT_EQ(Look().leases[0].attempt, 1u);
}

TEST_F(SignalTest, GoodEndAfterACoolDownStartsTheDoublingAnew) {
  Start(OneAccount(1));
  GiveBack(1, Take(1, "a"), Outcome::kThrottle, kForTenSeconds);
  Pass(absl::Seconds(10));
  GiveBack(1, Take(1, "b"), Outcome::kThrottle);
  EXPECT_EQ(Records<BlockSet>()[1].block.step, 1);
  Pass(absl::Seconds(10));
  GiveBack(1, Take(1, "c"));
  EXPECT_EQ(Records<BlockRemoved>().size(), 1u);
  GiveBack(1, Take(1, "d"), Outcome::kThrottle);
  EXPECT_EQ(Records<BlockSet>()[2].block.step, 0);
}

TEST_F(SignalTest, ResumeEndsEveryBlockButABreaker) {
  Start(OneAccount(3));
  const LeaseId a = Take(1, "a");
  const LeaseId b = Take(1, "b");
  const LeaseId c = Take(1, "c");
  GiveBack(1, a, Outcome::kThrottle, kForTenSeconds);
  GiveBack(1, b, Outcome::kWall, WallFor(absl::Hours(1)));
  GiveBack(1, c, Outcome::kBreaker);
  SetPaused(false);
  EXPECT_EQ(Last<Done>(9).ended.size(), 2u);
  ASSERT_EQ(Last<Done>(9).standing.size(), 1u);
  EXPECT_EQ(Last<Done>(9).standing[0].reason, BlockReason::kBreaker);
  SetPaused(false, /*end_breaker=*/true);
  EXPECT_EQ(Last<Done>(9).ended.size(), 1u);
  EXPECT_EQ(Records<BlockRemoved>().size(), 3u);
  Take(2, "d");
}

TEST_F(SignalTest, PauseLeavesBlocksAlone) {
  Start(OneAccount(1));
  GiveBack(1, Take(1, "a"), Outcome::kThrottle, kForTenSeconds);
  SetPaused(true);
  EXPECT_EQ(Look().blocks.size(), 1u);
}

TEST_F(SignalTest, RestoredBlocksStandUntilTheirEnd) {
  Start(OneAccount(1));
  Recovered recovered;
  recovered.blocks.push_back(
      {"default", {.reason = BlockReason::kWall, .until = now_ + absl::Minutes(10)}});
  recovered.blocks.push_back({"gone", {.until = now_ + absl::Minutes(10)}});
  broker_->Restore(recovered, now_);
  Do(Ask(1, "a"));
  EXPECT_TRUE(Last<Refused>(1).block);
  Pass(absl::Minutes(10));
  Take(1, "b");
}

TEST_F(SignalTest, RestoredLeaseCanGetItsChargeBack) {
  Start(OneAccount(1, {OnePromptADay()}));
  Recovered recovered;
  const Holder holder = OnStream(1).holder;
  recovered.leases.push_back({.opened = {.lease = 3,
                                         .request = {.ticket = "a", .account = "default"},
                                         .holder = holder,
                                         .granted = now_,
                                         .charges = {{"w", Units(1)}}},
                              .holder_alive = true});
  recovered.charges.push_back({"default", "w", {{now_, Units(1)}}});
  broker_->Restore(recovered, now_);
  GiveBack(1, 3, Outcome::kTerminal);
  EXPECT_EQ(Look().windows[0].used, Amount());
}

TEST_F(SignalTest, WhatTheHolderReportsIsRecorded) {
  Start(OneAccount(1));
  const BootTime granted = now_;
  const LeaseId lease = Take(1, "a");
  Pass(absl::Seconds(3));
  GiveBack(1, lease, Outcome::kOk,
           {.first_byte = absl::Seconds(2),
            .http_status = 200,
            .usage = TokenUsage{.input = 5, .cached = 6, .output = 7},
            .served_model = "glm-4.5-air"});
  const LeaseClosed closed = Records<LeaseClosed>()[0];
  EXPECT_EQ(closed.granted, granted);
  EXPECT_EQ(closed.first_byte, granted + absl::Seconds(2));
  EXPECT_EQ(closed.http_status, 200);
  EXPECT_EQ(closed.usage, (TokenUsage{.input = 5, .cached = 6, .output = 7}));
  EXPECT_EQ(closed.served_model, "glm-4.5-air");
}

TEST_F(SignalTest, FirstByteIsNotAfterTheEnd) {
  Start(OneAccount(1));
  const LeaseId lease = Take(1, "a");
  GiveBack(1, lease, Outcome::kOk, {.first_byte = absl::Hours(2)});
  EXPECT_EQ(Records<LeaseClosed>()[0].first_byte, now_);
}

}  // namespace
}  // namespace zbroker::core
