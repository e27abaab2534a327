// Limits on slots for some models inside the account's own.
#include "tests/unit/core/harness.h"

namespace zbroker::core {
namespace {

class PoolsTest : public BrokerTest {
 protected:
  static BrokerConfig WithPools(int slots, std::vector<PoolConfig> pools) {
    BrokerConfig config = OneAccount(slots);
    config.accounts[0].pools = std::move(pools);
    return config;
  }
};

TEST_F(PoolsTest, FullPoolHoldsBackItsModelsOnly) {
  Start(WithPools(3, {{.models = {"flash*"}, .limit = 1}}));
  Do(AskFor(1, "a", "flash-1"));
  Do(AskFor(2, "b", "flash-2"));
  Do(AskFor(3, "c", "big"));
  EXPECT_EQ(Count<Granted>(1), 1);
  EXPECT_EQ(Last<Queued>(2).state.reason, WaitReason::kPool);
  EXPECT_EQ(Last<Queued>(2).state.pool, "flash*");
  EXPECT_EQ(Last<Queued>(2).state.slot_limit, 1);
  EXPECT_EQ(Count<Granted>(3), 1) << "it came later, and waits for nobody";
  GiveBack(1, Last<Granted>(1).lease);
  EXPECT_EQ(Count<Granted>(2), 1);
}

TEST_F(PoolsTest, ModelInTwoPoolsNeedsBoth) {
  Start(WithPools(4, {{.models = {"m*"}, .limit = 2}, {.models = {"m1"}, .limit = 1}}));
  Do(AskFor(1, "a", "m1"));
  Do(AskFor(2, "b", "m1"));
  EXPECT_EQ(Count<Granted>(2), 0);
  Do(AskFor(3, "c", "m2"));
  EXPECT_EQ(Count<Granted>(3), 1);
  Do(AskFor(4, "d", "m2"));
  EXPECT_EQ(Count<Granted>(4), 0);
}

TEST_F(PoolsTest, GuestNeedsNoSlotInThePoolOfItsHost) {
  Start(WithPools(1, {{.models = {"m"}, .limit = 1}}));
  Do(AskFor(1, "host", "m"));
  Acquire child = AskFor(2, "child", "m");
  child.request.parent = Last<Granted>(1).lease;
  Do(child);
  EXPECT_EQ(Count<Granted>(2), 1);
  EXPECT_EQ(Look().pools.at(0).in_flight, 1);
}

TEST_F(PoolsTest, GuestWaitsForAPoolThatItsHostIsNotIn) {
  Start(WithPools(2, {{.models = {"m"}, .limit = 1}}));
  Do(AskFor(1, "host", ""));
  Do(AskFor(2, "other", "m"));
  Acquire child = AskFor(3, "child", "m");
  child.request.parent = Last<Granted>(1).lease;
  Do(child);
  EXPECT_EQ(Last<Queued>(3).state.reason, WaitReason::kPool);
  Acquire free_child = AskFor(4, "free child", "");
  free_child.request.parent = child.request.parent;
  Do(free_child);
  EXPECT_EQ(Count<Granted>(4), 1) << "its elder sibling waits for another pool";
  GiveBack(4, Last<Granted>(4).lease);
  GiveBack(2, Last<Granted>(2).lease);
  EXPECT_EQ(Count<Granted>(3), 1);
  EXPECT_EQ(Look().pools.at(0).in_flight, 1);
}

TEST_F(PoolsTest, GuestThatInheritsASlotStaysInItsPool) {
  Start(WithPools(1, {{.models = {"m"}, .limit = 1}}));
  Do(AskFor(1, "host", "m"));
  const LeaseId host = Last<Granted>(1).lease;
  Acquire child = AskFor(2, "child", "m");
  child.request.parent = host;
  Do(child);
  GiveBack(1, host);
  EXPECT_EQ(Look().pools.at(0).in_flight, 1);
  GiveBack(2, Last<Granted>(2).lease);
  EXPECT_EQ(Look().pools.at(0).in_flight, 0);
}

TEST_F(PoolsTest, NewPoolCountsTheLeasesThatAreOpen) {
  Start(OneAccount(3));
  Do(AskFor(1, "a", "m"));
  BrokerConfig config = WithPools(3, {{.models = {"m"}, .limit = 1}});
  Effects effects;
  broker_->Reconfigure(config, {}, now_, effects);
  Do(AskFor(2, "b", "m"));
  EXPECT_EQ(Last<Queued>(2).state.reason, WaitReason::kPool);
}

}  // namespace
}  // namespace zbroker::core
