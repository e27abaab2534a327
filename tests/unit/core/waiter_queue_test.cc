#include "daemon/core/waiter_queue.h"

#include <gtest/gtest.h>

#include <deque>

namespace zbroker::core {
namespace {

Amount Units(double value) { return *Amount::FromDouble(value); }

// Two windows of 10; waiters charge (a, b) of them.
class WaiterQueueTest : public ::testing::Test {
 protected:
  Waiter* Add(int64_t arrival, double a, double b) {
    Waiter& waiter = waiters_.emplace_back();
    waiter.order = {BootTime::FromMicros(arrival), waiters_.size()};
    waiter.charges = {Units(a), Units(b)};
    queue_.Insert(&waiter);
    return &waiter;
  }

  Waiter* Next() {
    WaiterQueue::WindowSet blocked = 0;
    return queue_.NextWithRoom(windows_, blocked);
  }

  std::deque<Waiter> waiters_;
  std::vector<RollingWindow> windows_{
      RollingWindow({.name = "a", .length = absl::Hours(1), .limit = Units(10)}),
      RollingWindow({.name = "b", .length = absl::Hours(1), .limit = Units(10)})};
  WaiterQueue queue_;
};

TEST_F(WaiterQueueTest, ServesByArrivalAcrossLanes) {
  Add(30, 0, 0);
  Waiter* first = Add(10, 1, 0);
  Add(20, 0, 1);
  EXPECT_EQ(Next(), first);
}

TEST_F(WaiterQueueTest, EqualArrivalsAreServedInOrderOfTheirIds) {
  Waiter* first = Add(10, 1, 0);
  Add(10, 0, 0);
  EXPECT_EQ(Next(), first);
}

TEST_F(WaiterQueueTest, WaiterBlockedByOneWindowDoesNotBlockThoseWhoDoNotNeedIt) {
  windows_[0].Add(BootTime(), Units(10));
  Add(10, 1, 0);
  Waiter* other = Add(20, 0, 1);
  EXPECT_EQ(Next(), other);
}

TEST_F(WaiterQueueTest, LightChargeDoesNotOvertakeAHeavyOneInTheSameWindow) {
  windows_[0].Add(BootTime(), Units(8));
  Add(10, 3, 0);
  Add(20, 1, 0);
  EXPECT_EQ(Next(), nullptr);
}

TEST_F(WaiterQueueTest, NorDoesOneThatNeedsAnotherWindowBesides) {
  windows_[0].Add(BootTime(), Units(8));
  Add(10, 3, 0);
  Add(20, 1, 1);
  EXPECT_EQ(Next(), nullptr);
}

TEST_F(WaiterQueueTest, ErasedWaitersAreGone) {
  Waiter* first = Add(10, 0, 0);
  Waiter* second = Add(20, 0, 0);
  queue_.Erase(*first);
  EXPECT_EQ(Next(), second);
  queue_.Erase(*second);
  queue_.Erase(*second);
  EXPECT_TRUE(queue_.empty());
  EXPECT_EQ(Next(), nullptr);
}

TEST_F(WaiterQueueTest, InOrderMergesTheLanes) {
  Waiter* c = Add(30, 0, 0);
  Waiter* a = Add(10, 1, 0);
  Waiter* b = Add(20, 0, 1);
  Waiter* d = Add(40, 1, 0);
  EXPECT_EQ(queue_.InOrder(), (std::vector<const Waiter*>{a, b, c, d}));
  EXPECT_EQ(queue_.CountBefore(a->order), 0u);
  EXPECT_EQ(queue_.CountBefore(c->order), 2u);
  EXPECT_EQ(queue_.CountBefore(d->order), 3u);
}

}  // namespace
}  // namespace zbroker::core
