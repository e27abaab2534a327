#include "daemon/core/waiter_queue.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <set>

#include "daemon/core/blocks.h"
#include "daemon/core/window.h"
#include "tests/unit/core/harness.h"

namespace zbroker::core {
namespace {

// Two windows of 10; waiters charge (a, b) of them.
class WaiterQueueTest : public ::testing::Test {
 protected:
  Waiter* Add(int64_t arrival, double a, double b, const std::string& model = "") {
    Waiter& waiter = waiters_.emplace_back();
    waiter.order = {BootTime::FromMicros(arrival), waiters_.size()};
    waiter.charges = ChargesForTest::Make({Units(a), Units(b)});
    waiter.request.model = model;
    waiter.request.session = "s";
    queue_.Insert(&waiter);
    return &waiter;
  }

  Waiter* AddFor(const std::string& session, int64_t arrival,
                 Priority priority = Priority::kNormal) {
    Waiter& waiter = waiters_.emplace_back();
    waiter.order = {BootTime::FromMicros(arrival), waiters_.size()};
    waiter.request.session = session;
    waiter.request.priority = waiter.rank = priority;
    queue_.Insert(&waiter);
    return &waiter;
  }

  // Serves the next one, who then holds a slot.
  std::string Serve(absl::Duration expected = absl::Seconds(10)) {
    const Waiter* next = Next();
    if (next == nullptr) return "nobody";
    std::string session = next->request.session;
    queue_.SlotTaken(session, now_, expected);
    taken_[session] = {now_, expected};
    queue_.Erase(*next);
    return session;
  }

  void Pass(absl::Duration length) {
    now_ = now_ + length;
    queue_.Advance(now_);
  }

  // The session gives back the slot that it was served last.
  void Free(const std::string& session) {
    const auto [since, expected] = taken_.at(session);
    queue_.SlotFreed(session, since, expected, now_);
  }

  template <typename Body>
  auto WithAdmission(Body body) {
    return body(WaiterQueue::Admission{
        .open = [&](const Waiter& one) { return blocks_.Match(one.request) == nullptr; },
        .may = [&](const Waiter& one) { return !barred_.contains(one.request.session); },
        .lacking =
            [&](const Waiter& one) {
              WindowSet lacking = 0;
              for (uint32_t i = 0; i < windows_.size(); ++i) {
                const Amount amount = ChargesForTest::Of(one.charges, i);
                if (!windows_[i].HasRoomFor(amount)) lacking |= 1u << i;
              }
              return lacking;
            },
        .ahead = [](const Waiter&) { return WindowSet(0); }});
  }

  Waiter* Next() {
    return WithAdmission([&](const auto& admission) { return queue_.Next(admission); });
  }
  std::vector<Waiter*> Heads() {
    return WithAdmission([&](const auto& admission) { return queue_.Heads(admission); });
  }

  std::deque<Waiter> waiters_;
  std::vector<Window> windows_{Window({.name = "a", .length = absl::Hours(1), .limit = Units(10)}),
                               Window({.name = "b", .length = absl::Hours(1), .limit = Units(10)})};
  Blocks blocks_;
  std::set<std::string> barred_;  // sessions
  WaiterQueue queue_;
  BootTime now_ = BootTime::FromMicros(0);
  std::map<std::string, std::pair<BootTime, absl::Duration>> taken_;  // by session
};

Block OfModel(const std::string& model) {
  return {.reason = BlockReason::kOverload,
          .scope = Scope::kModel,
          .model = model,
          .until = BootTime::FromMicros(1000)};
}

TEST_F(WaiterQueueTest, ServesByArrivalAcrossGates) {
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

TEST_F(WaiterQueueTest, BlockOfTheAccountClosesEveryGate) {
  blocks_.Add({.reason = BlockReason::kCoolDown, .until = BootTime::FromMicros(1000)});
  Add(10, 0, 0, "a");
  Add(20, 1, 0, "b");
  EXPECT_EQ(Next(), nullptr);
  EXPECT_TRUE(Heads().empty());
}

TEST_F(WaiterQueueTest, BlockThatIsOverIsForgotten) {
  blocks_.Add(OfModel("busy"));
  Waiter* first = Add(10, 0, 0, "busy");
  blocks_.Advance(BootTime::FromMicros(1000));
  EXPECT_EQ(Next(), first);
}

TEST_F(WaiterQueueTest, WaiterWhoComesBackBeforeTheHeadOfItsGateIsItsHead) {
  Waiter* second = Add(20, 0, 0, "m");
  Waiter* first = Add(10, 0, 0, "m");
  EXPECT_EQ(Next(), first);
  queue_.Erase(*first);
  EXPECT_EQ(Next(), second);
  EXPECT_EQ(Heads(), std::vector<Waiter*>{second});
}

constexpr absl::Duration kExpected = absl::Seconds(10);

TEST_F(WaiterQueueTest, InOrderMergesTheGates) {
  Waiter* c = Add(30, 0, 0);
  Waiter* a = Add(10, 1, 0);
  Waiter* b = Add(20, 0, 1);
  Waiter* d = Add(40, 1, 0);
  EXPECT_EQ(queue_.InOrder(kExpected), (std::vector<Waiter*>{a, b, c, d}));
  EXPECT_EQ(queue_.CountBefore(*a, kExpected), 0u);
  EXPECT_EQ(queue_.CountBefore(*c, kExpected), 2u);
  EXPECT_EQ(queue_.CountBefore(*d, kExpected), 3u);
}

TEST_F(WaiterQueueTest, HigherPriorityGoesFirst) {
  AddFor("background", 10, Priority::kBackground);
  AddFor("normal", 20);
  AddFor("interactive", 30, Priority::kInteractive);
  EXPECT_EQ(Serve(), "interactive");
  EXPECT_EQ(Serve(), "normal");
  EXPECT_EQ(Serve(), "background");
}

TEST_F(WaiterQueueTest, WaitingLiftsAWaiterByOnePriorityAtATime) {
  queue_.set_age_after(absl::Microseconds(100));
  Waiter* old = AddFor("background", 0, Priority::kBackground);
  AddFor("interactive", 0, Priority::kInteractive);
  queue_.Advance(BootTime());
  queue_.Advance(BootTime::FromMicros(99));
  EXPECT_EQ(old->rank, Priority::kBackground);
  queue_.Advance(BootTime::FromMicros(100));
  EXPECT_EQ(old->rank, Priority::kNormal);
  queue_.Advance(BootTime::FromMicros(200));
  EXPECT_EQ(old->rank, Priority::kInteractive);
}

TEST_F(WaiterQueueTest, WhatNobodyHoldsBackIsNotLifted) {
  queue_.set_age_after(absl::Microseconds(100));
  Waiter* old = AddFor("normal", 0);
  AddFor("background", 0, Priority::kBackground);
  queue_.Advance(BootTime());
  queue_.Advance(BootTime::FromMicros(1'000));
  EXPECT_EQ(old->rank, Priority::kNormal);
}

TEST_F(WaiterQueueTest, LiftIsTakenBackWhenNobodyOfAHigherPriorityWaits) {
  queue_.set_age_after(absl::Microseconds(100));
  Waiter* old = AddFor("normal", 0);
  Waiter* person = AddFor("interactive", 0, Priority::kInteractive);
  queue_.Advance(BootTime());
  queue_.Advance(BootTime::FromMicros(100));
  EXPECT_EQ(old->rank, Priority::kInteractive);
  queue_.Erase(*person);
  queue_.Advance(BootTime::FromMicros(101));
  EXPECT_EQ(old->rank, Priority::kNormal);
}

TEST_F(WaiterQueueTest, SessionWithManyWaitersDoesNotOutrankOneWithOne) {
  for (int i = 0; i < 50; ++i) AddFor("many", i);
  EXPECT_EQ(Serve(), "many");
  AddFor("one", 100);
  EXPECT_EQ(Serve(), "one");
}

TEST_F(WaiterQueueTest, SessionsAreServedByTheSlotTimeThatTheyTook) {
  for (int i = 0; i < 4; ++i) {
    AddFor("long", i);
    AddFor("short", i);
  }
  EXPECT_EQ(Serve(), "long");
  EXPECT_EQ(Serve(), "short");
  Pass(absl::Seconds(1));
  Free("short");
  Pass(absl::Seconds(29));
  Free("long");
  // 1 s against 30 s: three of ten seconds each until they are even.
  EXPECT_EQ(Serve(), "short");
  EXPECT_EQ(Serve(), "short");
  EXPECT_EQ(Serve(), "short");
  EXPECT_EQ(Serve(), "long");
}

TEST_F(WaiterQueueTest, IdleSessionSavesNothingUp) {
  AddFor("idler", 0);
  EXPECT_EQ(Serve(), "idler");
  Free("idler");
  for (int i = 0; i < 20; ++i) AddFor("worker", i);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(Serve(), "worker");
    Pass(absl::Seconds(10));
    Free("worker");
  }
  AddFor("idler", 50);
  AddFor("idler", 51);
  AddFor("idler", 52);
  EXPECT_EQ(Serve(), "idler");
  EXPECT_EQ(Serve(), "worker");
  EXPECT_EQ(Serve(), "idler");
}

TEST_F(WaiterQueueTest, WhatASessionIsMovedOnWhileItHoldsASlotIsNotChargedTwice) {
  AddFor("holder", 0);
  EXPECT_EQ(Serve(), "holder");
  for (int i = 0; i < 8; ++i) {
    AddFor("worker", 1);
    EXPECT_EQ(Serve(), "worker");
    Pass(absl::Seconds(10));
    Free("worker");
  }
  // Both have had 80 s, of which the holder was expected to take ten.
  AddFor("holder", 100);
  AddFor("worker", 101);
  Free("holder");
  EXPECT_EQ(Serve(), "holder");
}

TEST_F(WaiterQueueTest, NewcomerIsNotPutBehindWhatOthersWereOnlyExpectedToTake) {
  for (int i = 0; i < 40; ++i) AddFor("old", i);
  EXPECT_EQ(Serve(absl::Seconds(100)), "old");
  EXPECT_EQ(Serve(absl::Seconds(100)), "old") << "a second slot moves the virtual time on";
  Pass(absl::Seconds(1));
  Free("old");
  Free("old");
  for (int i = 0; i < 3; ++i) AddFor("new", 100 + i);
  std::string served;
  for (int i = 0; i < 6; ++i) {
    served += Serve(absl::Seconds(1)) + " ";
    Pass(absl::Seconds(1));
  }
  EXPECT_EQ(served, "new new old new old old ") << "two seconds of the old one's are past";
}

TEST_F(WaiterQueueTest, NewcomerCountsAsHavingHadWhatTheLeastServedHolderHas) {
  AddFor("old", 0);
  EXPECT_EQ(Serve(absl::Seconds(1)), "old");
  Pass(absl::Minutes(10));
  AddFor("new", 1);
  AddFor("new", 2);
  AddFor("old", 3);
  Free("old");
  EXPECT_EQ(Serve(), "new");
  EXPECT_EQ(Serve(), "old") << "ten minutes that nobody else wanted are not owed to a newcomer";
}

TEST_F(WaiterQueueTest, SessionThatMayNotStepsAsideForTheOthers) {
  barred_ = {"barred"};
  AddFor("barred", 10);
  Waiter* other = AddFor("other", 20);
  EXPECT_EQ(Next(), other);
  EXPECT_EQ(Heads(), std::vector<Waiter*>{other});
}

TEST_F(WaiterQueueTest, PlacesAreThoseInWhichWaitersAreServed) {
  std::vector<Waiter*> all;
  for (int i = 0; i < 5; ++i) all.push_back(AddFor("a", i));
  for (int i = 0; i < 3; ++i) all.push_back(AddFor("b", i));
  all.push_back(AddFor("c", 9, Priority::kInteractive));
  all.push_back(AddFor("c", 8, Priority::kBackground));
  const std::vector<Waiter*> order = queue_.InOrder(kExpected);
  ASSERT_EQ(order.size(), all.size());
  for (size_t i = 0; i < order.size(); ++i) {
    EXPECT_EQ(queue_.CountBefore(*order[i], kExpected), i);
  }
  for (const Waiter* expected : order) {
    EXPECT_EQ(Next(), expected);
    queue_.SlotTaken(expected->request.session, now_, kExpected);
    queue_.Erase(*expected);
  }
}

TEST_F(WaiterQueueTest, ClearedQueueKeepsWhatSessionsHold) {
  AddFor("a", 1);
  EXPECT_EQ(Serve(), "a");
  AddFor("a", 2);
  AddFor("b", 3);
  queue_.Clear();
  EXPECT_TRUE(queue_.empty());
  EXPECT_EQ(Next(), nullptr);
  EXPECT_EQ(queue_.SlotsOf("a"), 1);
  AddFor("a", 4);
  AddFor("b", 5);
  EXPECT_EQ(Serve(), "b");
}

}  // namespace
}  // namespace zbroker::core
