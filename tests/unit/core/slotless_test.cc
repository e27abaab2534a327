// Calls of tools take no slot, unless the account says that they do.
#include "tests/unit/core/harness.h"

namespace zbroker::core {
namespace {

class SlotlessTest : public BrokerTest {
 protected:
  static BrokerConfig WithSlots(BrokerConfig config) {
    config.accounts[0].mcp_slots = true;
    return config;
  }
  static WindowConfig OneCallAMinute() {
    return {.name = "w", .unit = Unit::kMcpCalls, .length = absl::Minutes(1), .limit = Units(1)};
  }
};

TEST_F(SlotlessTest, ToolCallsNeedNoSlotAndTakeNone) {
  Start(OneAccount(1));
  Take(1, "model");
  for (StreamId stream = 2; stream < 12; ++stream) {
    Take(stream, absl::StrCat("tool", stream), Kind::kMcp);
  }
  EXPECT_EQ(InFlight(), 1);
  EXPECT_EQ(Look().leases.size(), 11u);
}

TEST_F(SlotlessTest, ToolCallsTakeSlotsWhereTheAccountSaysSo) {
  Start(WithSlots(OneAccount(1)));
  Take(1, "tool", Kind::kMcp);
  Do(Ask(2, "other", Kind::kMcp));
  EXPECT_EQ(Count<Granted>(2), 0);
  EXPECT_EQ(InFlight(), 1);
}

TEST_F(SlotlessTest, WaitsForRoomInItsWindowWhileSlotsAreFree) {
  Start(OneAccount(3, {OneCallAMinute()}));
  Take(1, "a", Kind::kMcp);
  Pass(absl::Seconds(20));
  Do(Ask(2, "b", Kind::kMcp));
  EXPECT_EQ(Count<Granted>(2), 0);
  Take(3, "model");
  Pass(absl::Seconds(40));
  EXPECT_EQ(Count<Granted>(2), 1);
}

TEST_F(SlotlessTest, OneThatWaitsForAWindowHoldsUpNoRequestOfAModel) {
  Start(OneAccount(1, {OneCallAMinute()}));
  const LeaseId model = Take(1, "model");
  Take(2, "a", Kind::kMcp);
  Do(Ask(3, "b", Kind::kMcp));
  Do(Ask(4, "next"));
  GiveBack(1, model);
  EXPECT_EQ(Count<Granted>(4), 1);
  EXPECT_EQ(Count<Granted>(3), 0);
}

TEST_F(SlotlessTest, ThrottleOfAToolSaysNothingOfTheSlotsAndPausesToolsAlone) {
  Start(OneAccount(2));
  const LeaseId tool = Take(1, "tool", Kind::kMcp);
  GiveBack(1, tool, Outcome::kThrottle, {.retry_after = absl::Seconds(10)});
  EXPECT_EQ(Look().slot_limit, 2);
  Take(2, "model");
  Do(Ask(3, "again", Kind::kMcp));
  EXPECT_EQ(Count<Granted>(3), 0);
  Pass(absl::Seconds(10));
  EXPECT_EQ(Count<Granted>(3), 1);
}

TEST_F(SlotlessTest, LeaseOfADeadHolderKeepsNothing) {
  Start(OneAccount(1));
  Take(1, "tool", Kind::kMcp);
  Do(HolderExited{OnStream(1).holder.pid, OnStream(1).holder.start_ticks});
  EXPECT_TRUE(Look().leases.empty());
  EXPECT_EQ(Records<LeaseClosed>().back().outcome, Outcome::kLost);
}

TEST_F(SlotlessTest, LeaseOfAHolderThatDiedWithTheDaemonKeepsNothing) {
  Start(OneAccount(1));
  const LeaseId lease = Take(1, "tool", Kind::kMcp);
  Recovered recovered;
  recovered.last_lease = lease;
  recovered.leases.push_back({Records<LeaseOpened>().back(), /*holder_alive=*/false});
  Start(OneAccount(1));
  broker_->Restore(recovered, now_);
  Effects effects;
  Settle(effects);
  EXPECT_TRUE(Look().leases.empty());
  EXPECT_EQ(Records<LeaseClosed>().back().outcome, Outcome::kLost);
}

TEST_F(SlotlessTest, PausedAccountGrantsItNothing) {
  Start(OneAccount(2));
  Do(SetPaused{.client = OnStream(9), .paused = true});
  Do(Ask(1, "tool", Kind::kMcp));
  EXPECT_EQ(Count<Granted>(1), 0);
  Do(SetPaused{.client = OnStream(9), .paused = false});
  EXPECT_EQ(Count<Granted>(1), 1);
}

TEST_F(SlotlessTest, CapOnSlotsOfASessionIsNotItsConcern) {
  BrokerConfig config = OneAccount(4);
  config.accounts[0].slots.per_session = 1;
  Start(config);
  Acquire model = Ask(1, "model");
  model.request.session = "s";
  Do(model);
  Acquire tool = Ask(1, "tool", Kind::kMcp);
  tool.request.session = "s";
  Do(tool);
  EXPECT_EQ(Count<Granted>(1), 2);
}

TEST_F(SlotlessTest, RequestBeneathAToolCallIsNestedInWhatTheCallIsBeneathOf) {
  Start(OneAccount(1));
  const LeaseId command = Take(1, "command");
  Acquire tool = Ask(2, "tool", Kind::kMcp);
  tool.request.parent = command;
  Do(tool);
  Acquire model = Ask(3, "model");
  model.request.parent = Last<Granted>(2).lease;
  Do(model);
  const LeaseId nested = Last<Granted>(3).lease;
  const AccountSnapshot account = Look();
  EXPECT_EQ(account.in_flight, 1);
  for (const LeaseSnapshot& lease : account.leases) {
    EXPECT_EQ(lease.host, lease.id == nested ? command : 0u);
  }
}

TEST_F(SlotlessTest, ShadowsWaitForAWindowEndsInTimeWhileNoSlotIsFree) {
  BrokerConfig config = OneAccount(1, {OneCallAMinute()});
  config.accounts[0].shadow = true;
  Start(config);
  Take(1, "model");
  Take(2, "a", Kind::kMcp);
  Pass(absl::Seconds(20));
  const LeaseId shadow = Take(3, "b", Kind::kMcp);
  Pass(absl::Seconds(90));
  GiveBack(3, shadow);
  EXPECT_EQ(Look().totals.shadow_waited, absl::Seconds(40));
}

TEST_F(SlotlessTest, ShadowModeCountsNoWaitForASlot) {
  BrokerConfig config = OneAccount(1);
  config.accounts[0].shadow = true;
  Start(config);
  Take(1, "model");
  const LeaseId tool = Take(2, "tool", Kind::kMcp);
  Pass(absl::Seconds(4));
  GiveBack(2, tool);
  EXPECT_EQ(Look().totals.shadow_waits, 0u);
}

}  // namespace
}  // namespace zbroker::core
