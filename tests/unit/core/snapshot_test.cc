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
