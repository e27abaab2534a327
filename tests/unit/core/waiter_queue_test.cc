#include "daemon/core/waiter_queue.h"

#include <gtest/gtest.h>

#include <deque>

namespace zbroker::core {
namespace {

Amount Units(double value) { return *Amount::FromDouble(value); }

// Two windows of 10; waiters charge (a, b) of them.
class WaiterQueueTest : public ::testing::Test {
 protected:
  Waiter* Add(int64_t arrival, double a, double b, const std::string& model = "") {
    Waiter& waiter = waiters_.emplace_back();
    waiter.order = {BootTime::FromMicros(arrival), waiters_.size()};
    waiter.charges = {Units(a), Units(b)};
    waiter.request.model = model;
    queue_.Insert(&waiter);
    return &waiter;
  }

  Waiter* Next() {
    WaiterQueue::WindowSet contested = 0;
    return queue_.Next(windows_, blocks_, contested);
  }

  std::deque<Waiter> waiters_;
  std::vector<RollingWindow> windows_{
      RollingWindow({.name = "a", .length = absl::Hours(1), .limit = Units(10)}),
      RollingWindow({.name = "b", .length = absl::Hours(1), .limit = Units(10)})};
  Blocks blocks_;
  WaiterQueue queue_;
};

Block OfModel(const std::string& model) {
  return {.reason = BlockReason::kOverload,
          .scope = Scope::kModel,
          .model = model,
          .until = BootTime::FromMicros(1000)};
}

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

TEST_F(WaiterQueueTest, BlockedModelStepsAsideForTheOthers) {
  blocks_.Add(OfModel("busy"));
  Add(10, 0, 0, "busy");
  Waiter* other = Add(20, 0, 0, "calm");
  EXPECT_EQ(Next(), other);
}

TEST_F(WaiterQueueTest, BlockedWaiterDoesNotContestAWindowThatItLacksRoomIn) {
  windows_[0].Add(BootTime(), Units(8));
  blocks_.Add(OfModel("busy"));
  Add(10, 3, 0, "busy");
  Waiter* light = Add(20, 1, 0, "calm");
  EXPECT_EQ(Next(), light);
}

TEST_F(WaiterQueueTest, BlockOfTheAccountStopsEveryLane) {
  blocks_.Add({.reason = BlockReason::kCoolDown, .until = BootTime::FromMicros(1000)});
  Add(10, 0, 0, "a");
  Add(20, 1, 0, "b");
  EXPECT_EQ(Next(), nullptr);
  EXPECT_TRUE(queue_.Heads(blocks_).empty());
}

TEST_F(WaiterQueueTest, BlockThatIsOverIsForgotten) {
  blocks_.Add(OfModel("busy"));
  Waiter* first = Add(10, 0, 0, "busy");
  blocks_.Advance(BootTime::FromMicros(1000));
  EXPECT_EQ(Next(), first);
}

TEST_F(WaiterQueueTest, WaiterWhoComesBackBeforeTheHeadOfItsLaneIsItsHead) {
  Waiter* second = Add(20, 0, 0, "m");
  Waiter* first = Add(10, 0, 0, "m");
  EXPECT_EQ(Next(), first);
  queue_.Erase(*first);
  EXPECT_EQ(Next(), second);
  EXPECT_EQ(queue_.Heads(blocks_), std::vector<Waiter*>{second});
}

TEST_F(WaiterQueueTest, InOrderMergesTheLanes) {
  Waiter* c = Add(30, 0, 0);
  Waiter* a = Add(10, 1, 0);
  Waiter* b = Add(20, 0, 1);
  Waiter* d = Add(40, 1, 0);
  EXPECT_EQ(queue_.InOrder(), (std::vector<Waiter*>{a, b, c, d}));
  EXPECT_EQ(queue_.CountBefore(a->order), 0u);
  EXPECT_EQ(queue_.CountBefore(c->order), 2u);
  EXPECT_EQ(queue_.CountBefore(d->order), 3u);
}

}  // namespace
}  // namespace zbroker::core
