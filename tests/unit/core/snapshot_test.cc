#include "daemon/core/snapshot.h"

#include "tests/unit/core/harness.h"

namespace zbroker::core {
namespace {

class SnapshotTest : public BrokerTest {};

TEST_F(SnapshotTest, ShowsHoldersAndWaitersInOrder) {
  Start(OneAccount(1));
  const LeaseId lease = Take(1, "a");
  Do(Ask(2, "b"));
  Do(Ask(3, "c"));
  const AccountSnapshot account = Look();
  ASSERT_EQ(account.leases.size(), 1u);
  EXPECT_EQ(account.leases[0].id, lease);
  ASSERT_EQ(account.waiters.size(), 2u);
  EXPECT_EQ(account.waiters[0].waiter.request.ticket, "b");
  EXPECT_EQ(account.waiters[1].state.position, 2u);
}

TEST_F(SnapshotTest, WaiterWhoseClientIsGoneComesLast) {
  Start(OneAccount(1));
  Take(1, "a");
  Do(Ask(2, "b"));
  Do(Ask(3, "c"));
  Do(StreamClosed{2});
  const AccountSnapshot account = Look();
  EXPECT_EQ(account.waiters.at(0).waiter.request.ticket, "c");
  EXPECT_TRUE(account.waiters.at(1).waiter.client_gone());
}

TEST_F(SnapshotTest, WindowIsExhaustedWhenNotEvenOneUnitFits) {
  Start(OneAccount(5, {{.name = "w", .length = absl::Seconds(10), .limit = Units(1.5)}}));
  EXPECT_FALSE(Look().windows[0].exhausted);
  Take(1, "a", Kind::kPrompt);
  EXPECT_TRUE(Look().windows[0].exhausted);
  EXPECT_EQ(Look().windows[0].next_release, now_ + absl::Seconds(10));
}

TEST_F(SnapshotTest, UntestedLimitIsAsConfigured) {
  Start(OneAccount(4));
  Take(1, "a");
  const AccountSnapshot account = Look();
  EXPECT_EQ(account.configured_limit, 4);
  ASSERT_EQ(account.known_limits.size(), 1u);
  EXPECT_TRUE(account.known_limits[0].in_force);
  EXPECT_FALSE(account.known_limits[0].tested);
  EXPECT_FALSE(account.known_limits[0].ceiling_known);
}

TEST_F(SnapshotTest, ThrottleShowsInTheLimitItsCeilingAndTheReason) {
  Start(OneAccount(4));
  for (StreamId i = 1; i <= 3; ++i) Do(AskReporting(i));
  GiveBack(3, Last<Granted>(3).lease, Outcome::kThrottle, {.upstream_code = "1302"});
  const AccountSnapshot account = Look();
  EXPECT_EQ(account.source, LimitSource::kLearned);
  EXPECT_EQ(account.configured_limit, 4);
  const KnownLimit known = account.known_limits.at(0);
  EXPECT_TRUE(known.tested);
  EXPECT_TRUE(known.ceiling_known);
  EXPECT_EQ(known.state.ceiling, 2);
  EXPECT_EQ(known.state.why, "throttled (1302) with 3 in flight");
}

TEST_F(SnapshotTest, LimitsOfSchedulesAreKnownBesideTheOthers) {
  BrokerConfig config = OneAccount(4);
  config.accounts[0].schedules = {
      {.when = WeekHours::Daily(0, 24 * 60, absl::UTCTimeZone()), .limit = 2}};
  Start(config);
  Take(1, "a");
  const AccountSnapshot account = Look();
  EXPECT_EQ(account.source, LimitSource::kScheduled);
  EXPECT_EQ(account.configured_limit, 2);
  ASSERT_EQ(account.known_limits.size(), 2u);
  EXPECT_FALSE(account.known_limits[0].in_force);
  EXPECT_EQ(account.known_limits[1].schedule, 1u);
  EXPECT_TRUE(account.known_limits[1].in_force);
  EXPECT_EQ(account.known_limits[1].state.limit, 2);
}

TEST_F(SnapshotTest, AccountThatDoesNotLearnKnowsNothing) {
  BrokerConfig config = OneAccount(4);
  config.accounts[0].slots.learn = false;
  Start(config);
  Take(1, "a");
  EXPECT_THAT(Look().known_limits, ::testing::IsEmpty());
  EXPECT_EQ(Look().configured_limit, 4);
}

TEST_F(SnapshotTest, DefaultAccountComesFirst) {
  BrokerConfig config = OneAccount(1);
  config.accounts.push_back({.name = "another"});
  Start(config);
  const Snapshot snapshot = broker_->TakeSnapshot(now_);
  EXPECT_EQ(snapshot.accounts.at(0).name, "default");
  EXPECT_EQ(snapshot.accounts.at(1).name, "another");
}

}  // namespace
}  // namespace zbroker::core
