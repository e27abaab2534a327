// What clients may say and do without limit, and what time and reloads may do meanwhile, leaves the
// broker whole, bounded and fair.
#include <limits>

#include "absl/strings/str_cat.h"
#include "tests/unit/core/harness.h"

namespace zbroker::core {
namespace {

class BoundsTest : public BrokerTest {
 protected:
  void Reload(const BrokerConfig& config) {
    Effects effects;
    broker_->Reconfigure(config, {}, now_, effects);
    Settle(effects);
  }
};

TEST_F(BoundsTest, VanishedWaiterMeetsItsDeadlineUnderMoreWindows) {
  Start(OneAccount(1));
  Take(1, "held");
  Acquire acquire = Ask(2, "vanished");
  acquire.deadline = now_ + absl::Seconds(3);
  Do(acquire);
  Do(StreamClosed{2});
  std::vector<WindowConfig> windows;
  for (int i = 0; i < 8; ++i) {
    windows.push_back({.name = absl::StrCat("w", i), .length = absl::Hours(5), .limit = Units(1)});
  }
  Reload(OneAccount(1, windows));
  Pass(absl::Seconds(4));
  EXPECT_TRUE(Look().waiters.empty());
  EXPECT_EQ(InFlight(), 1);
}

TEST_F(BoundsTest, PlacesOfThoseWhoLeaveAreBounded) {
  constexpr size_t kQueueMax = 10, kPlacesMax = 4096;
  BrokerConfig config = OneAccount(1);
  config.queue_max = kQueueMax;
  Start(config);
  Take(1, "held");
  for (int i = 0; i < 20'000; ++i) {
    Acquire acquire = Ask(2, absl::StrCat("t", i));
    Do(acquire);
    Do(Cancel{acquire.client, acquire.request.ticket, /*keep_place=*/true});
  }
  EXPECT_LE(Look().waiters.size(), kQueueMax + kPlacesMax);
  Pass(PlaceTable::kKept);
  EXPECT_TRUE(Look().waiters.empty());
}

TEST_F(BoundsTest, ThoseWhoComeBackFindNoMoreRoomThanThereIs) {
  constexpr size_t kQueueMax = 10;
  BrokerConfig config = OneAccount(1);
  config.queue_max = kQueueMax;
  Start(config);
  Take(1, "held");
  std::vector<Acquire> gone;
  for (int i = 0; i < 100; ++i) {
    gone.push_back(Ask(2, absl::StrCat("t", i)));
    Do(gone.back());
    Do(Cancel{gone.back().client, gone.back().request.ticket, /*keep_place=*/true});
  }
  for (const Acquire& acquire : gone) Do(acquire);
  size_t waiting = 0;
  for (const WaiterSnapshot& one : Look().waiters) waiting += one.waiter.client_gone() ? 0 : 1;
  EXPECT_LE(waiting, kQueueMax);
}

TEST_F(BoundsTest, ArrivalThatCannotBeIsNotBelieved) {
  constexpr int64_t kFirst = std::numeric_limits<int64_t>::min();
  for (const int64_t arrival : {kFirst, kFirst + 1, int64_t{-1}, kFirst / 2}) {
    SCOPED_TRACE(arrival);
    Start(OneAccount(1));
    broker_->Restore({}, now_);
    Acquire acquire = Ask(1, "t");
    acquire.arrival = BootTime::FromMicros(arrival);
    Do(acquire);
    EXPECT_GE(Last<Granted>(1).waited, absl::ZeroDuration());
    EXPECT_LE(Last<Granted>(1).waited, absl::Hours(24));
    EXPECT_GE(Records<LeaseOpened>().back().queued, now_ - absl::Hours(24));
  }
}

// Whoever stood back behind a waiter that lacked room need not when that one can't be next any
// more.
TEST_F(BoundsTest, NobodyStandsBackBehindAWaiterWhoseSessionHasItsShare) {
  BrokerConfig config = OneAccount(
      3, {{.name = "w", .length = absl::Hours(5), .limit = Units(5), .enforce = Enforce::kHard}});
  config.accounts[0].slots.per_session = 1;
  Start(config);
  Take(1, "uses one of five", Kind::kPrompt);
  Client admin = OnStream(9);
  admin.admin = true;
  Do(SetPaused{admin, "default", true});
  const auto ask = [&](StreamId stream, const char* session, Kind kind, double weight) {
    Acquire acquire = Ask(stream, absl::StrCat("t", stream), kind);
    acquire.request.session = session;
    acquire.request.weight = Units(weight);
    Do(acquire);
  };
  ask(2, "a", Kind::kPrompt, 5);  // lacks room, and is first
  ask(3, "a", Kind::kCall, 1);    // charges nothing, and is all that its session may have
  ask(4, "b", Kind::kPrompt, 1);
  Do(SetPaused{admin, "default", false});
  EXPECT_EQ(Count<Granted>(3), 1);
  EXPECT_EQ(Count<Granted>(4), 1) << "a slot is free, and there is room";
}

class TrialTest : public BoundsTest {
 protected:
  // A trial is under way, as stream 2's lease.
  void SetUp() override {
    config_ = OneAccount(1);
    Start(config_);
    Acquire first = Ask(1, "first");
    first.reports = first.takes_throttles = true;
    Do(first);
    GiveBack(1, Last<Granted>(1).lease);
    first.request.ticket = "held";
    Do(first);
    Pass(absl::Minutes(2));
    Acquire trial = Ask(2, "trial");
    trial.reports = trial.takes_throttles = true;
    Do(trial);
    ASSERT_EQ(Count<Granted>(2), 1);
    ASSERT_TRUE(Look().trial_under_way);
  }

  BrokerConfig config_;
};

TEST_F(TrialTest, ThatWasMadeBeforeLearningWasOffShowsNothing) {
  config_.accounts[0].slots.learn = false;
  Reload(config_);
  config_.accounts[0].slots.learn = true;
  Reload(config_);
  Pass(absl::Minutes(1));
  Do(Cancel{OnStream(1), "none"});
  EXPECT_EQ(Look().slot_limit, 1);
}

TEST_F(TrialTest, IsServedAtItsTimeThoughNobodyWaits) {
  const BootTime served = now_ + LearnedLimit::kProof;
  EXPECT_LE(broker_->NextDeadline(), served);
  Pass(absl::Minutes(1));
  EXPECT_EQ(Look().slot_limit, 2);
  Do(Cancel{OnStream(1), "none"});
  ASSERT_FALSE(Records<LimitLearned>().empty());
  EXPECT_EQ(Records<LimitLearned>().back().state.changed, served);
}

}  // namespace
}  // namespace zbroker::core
