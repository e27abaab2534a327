// Who goes first: sessions by their slot-time, priorities, ageing, reserved slots, caps.
#include <map>
#include <random>

#include "absl/strings/str_cat.h"
#include "tests/unit/core/harness.h"

namespace zbroker::core {
namespace {

class FairnessTest : public BrokerTest {
 protected:
  static BrokerConfig Fixed(int slots) {
    BrokerConfig config = OneAccount(slots);
    config.accounts[0].slots.learn = false;
    return config;
  }
  // One slot, and whoever was held back for a minute rises.
  static BrokerConfig Ageing() {
    BrokerConfig config = Fixed(1);
    config.age_after = absl::Minutes(1);
    return config;
  }

  static Acquire AskAs(const std::string& session, StreamId stream, const std::string& ticket,
                       Priority priority = Priority::kNormal) {
    Acquire acquire = Ask(stream, ticket);
    acquire.request.session = session;
    acquire.request.priority = priority;
    return acquire;
  }

  // Releases the one lease that is open, and says whose ticket is granted next.
  std::string NextTicket() {
    const Lease lease = Look().leases.at(0);
    GiveBack(lease.client.stream, lease.id);
    return Look().leases.empty() ? "" : Look().leases.at(0).request.ticket;
  }
};

TEST_F(FairnessTest, OneRequestIsNotBehindFiftyOfAnotherSession) {
  Start(Fixed(1));
  for (int i = 0; i < 50; ++i) Do(AskAs("many", 1, absl::StrCat("many", i)));
  Do(AskAs("one", 2, "one"));
  EXPECT_EQ(Last<Queued>(2).state.position, 1u);
  Pass(absl::Seconds(10));
  EXPECT_EQ(NextTicket(), "one");
  Pass(absl::Seconds(10));
  EXPECT_EQ(NextTicket(), "many1");
}

TEST_F(FairnessTest, EqualSessionsUnderBacklogGetEqualSlotTime) {
  std::mt19937 random(1);
  BrokerConfig config = Fixed(3);
  Start(config);
  const auto ask = [&](int session) {
    static int ticket = 0;
    Do(AskAs(absl::StrCat("s", session), static_cast<StreamId>(1 + session),
             absl::StrCat("t", ++ticket)));
  };
  // Some ask for much at once, some for little: that must not matter as long as all have a backlog.
  std::map<std::string, int> index;
  for (int session = 0; session < 10; ++session) {
    index[absl::StrCat("s", session)] = session;
    for (int i = 0; i <= session * 3; ++i) ask(session);
  }
  std::vector<double> seconds(10);
  std::map<LeaseId, BootTime> ends;
  for (int served = 0; served < 2'000; ++served) {
    for (const Lease& lease : Look().leases) {
      if (!ends.contains(lease.id)) {
        ends[lease.id] = now_ + absl::Milliseconds(2'000 + random() % 58'000);
      }
    }
    const auto first = std::min_element(
        ends.begin(), ends.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    for (const Lease& lease : Look().leases) {
      if (lease.id != first->first) continue;
      Pass(first->second - now_);
      const int session = index.at(lease.request.session);
      seconds[static_cast<size_t>(session)] += absl::ToDoubleSeconds(now_ - lease.granted);
      ask(session);  // so that its backlog stays
      GiveBack(lease.client.stream, lease.id);
      break;
    }
    ends.erase(first);
  }
  double sum = 0, squares = 0;
  for (const double one : seconds) {
    sum += one;
    squares += one * one;
  }
  EXPECT_GE(sum * sum / (10 * squares), 0.98) << "Jain's index";
}

TEST_F(FairnessTest, InteractiveGoesBeforeNormalBeforeBackground) {
  Start(Fixed(1));
  Do(AskAs("s", 1, "held"));
  Do(AskAs("a", 2, "background", Priority::kBackground));
  Do(AskAs("b", 3, "normal", Priority::kNormal));
  Do(AskAs("c", 4, "interactive", Priority::kInteractive));
  EXPECT_EQ(NextTicket(), "interactive");
  EXPECT_EQ(NextTicket(), "normal");
  EXPECT_EQ(NextTicket(), "background");
}

TEST_F(FairnessTest, AgeLiftsAWaiterByOnePriorityAtATime) {
  Start(Ageing());
  Do(AskAs("s", 1, "held"));
  Do(AskAs("a", 2, "old", Priority::kBackground));
  Do(AskAs("c", 4, "urgent", Priority::kInteractive));
  Do(AskAs("c", 4, "urgent too", Priority::kInteractive));
  Pass(absl::Minutes(1));
  Do(AskAs("b", 3, "young", Priority::kNormal));
  EXPECT_EQ(NextTicket(), "urgent");
  EXPECT_EQ(NextTicket(), "urgent too");
  EXPECT_EQ(NextTicket(), "old") << "equal while they are held back, and first";
}

TEST_F(FairnessTest, ReloadTakesNobodysAgeAway) {
  Start(Ageing());
  Do(AskAs("s", 1, "held"));
  Do(AskAs("a", 2, "old", Priority::kNormal));
  for (int i = 0; i < 3; ++i) Do(AskAs("c", 4, absl::StrCat("urgent", i), Priority::kInteractive));
  Pass(absl::Seconds(50));
  Effects effects;
  broker_->Reconfigure(Ageing(), {}, now_, effects);
  Settle(effects);
  Pass(absl::Seconds(20));
  EXPECT_EQ(NextTicket(), "old") << "it has been held back for more than a minute, and came first";
}

TEST_F(FairnessTest, BackgroundIsServedInTheEndHoweverMuchComesBeforeIt) {
  Start(Ageing());
  Do(AskAs("busy", 1, "t0", Priority::kInteractive));
  Do(AskAs("quiet", 2, "quiet", Priority::kBackground));
  int served = 0;
  for (std::string ticket; ticket != "quiet" && served < 100; ++served) {
    Do(AskAs("busy", 1, absl::StrCat("t", served + 1), Priority::kInteractive));
    Pass(absl::Seconds(10));
    ticket = NextTicket();
  }
  EXPECT_LE(served, 14) << "two minutes, and its turn";
}

TEST_F(FairnessTest, RisingForfeitsNothingOfWhatASessionHasNotHad) {
  Start(Ageing());
  // Interactive work moves the virtual time on, far beyond the tags of those who wait behind it.
  Do(AskAs("busy", 1, "held", Priority::kInteractive));
  Do(AskAs("first", 2, "first", Priority::kNormal));
  Do(AskAs("busy", 1, "next", Priority::kInteractive));
  Do(AskAs("busy", 1, "third", Priority::kInteractive));
  Pass(absl::Seconds(50));
  EXPECT_EQ(NextTicket(), "next");
  Pass(absl::Seconds(50));
  Do(AskAs("late", 3, "late", Priority::kInteractive));
  EXPECT_EQ(NextTicket(), "first") << "it has risen, and had less than all others";
}

TEST_F(FairnessTest, ReservedSlotsAreForInteractiveWorkOnly) {
  BrokerConfig config = Fixed(3);
  config.accounts[0].slots.reserve_interactive = 1;
  Start(config);
  for (StreamId i = 1; i <= 3; ++i) Do(AskAs("s", i, absl::StrCat("t", i)));
  EXPECT_EQ(Look().in_flight, 2);
  EXPECT_EQ(Last<Queued>(3).state.reason, WaitReason::kReserved);
  Do(AskAs("i", 4, "urgent", Priority::kInteractive));
  EXPECT_EQ(Count<Granted>(4), 1);
}

TEST_F(FairnessTest, InteractiveLeasesDoNotUseUpWhatOthersMayHave) {
  BrokerConfig config = Fixed(3);
  config.accounts[0].slots.reserve_interactive = 1;
  Start(config);
  Do(AskAs("i", 1, "urgent", Priority::kInteractive));
  Do(AskAs("s", 2, "a"));
  Do(AskAs("s", 3, "b"));
  EXPECT_EQ(Look().in_flight, 3);
}

TEST_F(FairnessTest, ReservingMoreThanThereIsLeavesOneSlotForTheOthers) {
  BrokerConfig config = Fixed(1);
  config.accounts[0].slots.reserve_interactive = 2;
  Start(config);
  Do(AskAs("s", 1, "a", Priority::kBackground));
  EXPECT_EQ(Count<Granted>(1), 1);
}

TEST_F(FairnessTest, LimitThatFallsToOneLeavesItToEverybody) {
  BrokerConfig config = OneAccount(3);
  config.accounts[0].slots.reserve_interactive = 1;
  Start(config);
  for (StreamId i = 1; i <= 3; ++i) {
    Acquire acquire = AskReporting(i);
    acquire.request.priority = Priority::kInteractive;
    Do(acquire);
  }
  const LeaseId lease = Last<Granted>(1).lease;
  GiveBack(3, Last<Granted>(3).lease, Outcome::kThrottle, {.retry_after = absl::Seconds(1)});
  ASSERT_EQ(Look().slot_limit, 1);
  GiveBack(1, lease);
  GiveBack(2, Last<Granted>(2).lease);
  Do(AskAs("s", 4, "background", Priority::kBackground));
  Pass(absl::Seconds(1));
  EXPECT_EQ(Count<Granted>(4), 1);
}

TEST_F(FairnessTest, SessionAtItsCapHoldsUpNoOther) {
  BrokerConfig config = Fixed(3);
  config.accounts[0].slots.per_session = 1;
  Start(config);
  Do(AskAs("s", 1, "a"));
  Do(AskAs("s", 2, "b"));
  EXPECT_EQ(Last<Queued>(2).state.reason, WaitReason::kSession);
  Do(AskAs("other", 3, "c"));
  EXPECT_EQ(Count<Granted>(3), 1);
  GiveBack(1, Last<Granted>(1).lease);
  EXPECT_EQ(Count<Granted>(2), 1);
}

TEST_F(FairnessTest, CapHoldsForLeasesOfAFormerDaemonAndAfterAReload) {
  BrokerConfig config = Fixed(3);
  config.accounts[0].slots.per_session = 1;
  Start(config);
  Do(AskAs("s", 1, "a"));
  Recovered recovered{.last_lease = 1};
  recovered.leases.push_back({Records<LeaseOpened>().at(0), /*holder_alive=*/true});
  Start(config);
  broker_->Restore(recovered, now_);
  Effects effects;
  broker_->Reconfigure(config, {}, now_, effects);
  Do(AskAs("s", 2, "b"));
  EXPECT_EQ(Last<Queued>(2).state.reason, WaitReason::kSession);
}

TEST_F(FairnessTest, RulesGiveThePriorityThatAClientLeavesOpen) {
  BrokerConfig config = Fixed(1);
  config.accounts[0].priority_rules = {{.models = {"flash*"}, .priority = Priority::kBackground},
                                       {.programs = {"test"}, .priority = Priority::kInteractive}};
  Start(config);
  Do(AskAs("s", 1, "held"));
  Acquire flash = AskFor(2, "flash", "flash-1");
  flash.priority_given = false;
  Do(flash);
  Acquire tool = AskFor(3, "tool", "big");
  tool.priority_given = false;
  Do(tool);
  Acquire helped = AskFor(5, "helped", "big");
  helped.client.holder.program = "gateway";
  helped.program = "test";
  helped.priority_given = false;
  Do(helped);
  Acquire own = AskFor(4, "own", "flash-1");
  Do(own);
  std::map<std::string, Priority> priorities;
  for (const WaiterSnapshot& one : Look().waiters) {
    priorities[one.waiter.request.ticket] = one.waiter.request.priority;
  }
  EXPECT_EQ(priorities["flash"], Priority::kBackground);
  EXPECT_EQ(priorities["helped"], Priority::kInteractive);
  EXPECT_EQ(priorities["tool"], Priority::kInteractive);
  EXPECT_EQ(priorities["own"], Priority::kNormal) << "the client's choice";
}

TEST_F(FairnessTest, TicketPresentedAgainWhileItWaitsMayChangeWhatItIs) {
  BrokerConfig config = Fixed(1);
  config.accounts[0].windows = {{.name = "w", .length = absl::Hours(5), .limit = Units(5)}};
  config.accounts[0].weights = {
      {.models = {"m"}, .weight = 0, .when = WeekHours::Daily(0, 60, absl::UTCTimeZone())}};
  now_ = BootTime::FromMicros(0);
  Start(config);
  Take(1, "held");
  Acquire ask = AskFor(2, "t", "m");
  ask.request.kind = Kind::kPrompt;
  Do(ask);
  now_ = now_ + absl::Hours(1);  // it begins to cost something at the very instant
  ask.client = OnStream(3);
  ask.takes_throttles = true;
  Do(ask);
  EXPECT_EQ(Look().waiters.size(), 1u);
  EXPECT_EQ(Look().waiters.at(0).waiter.charges, ChargesForTest::Make({Units(1)}));
  NextTicket();
  EXPECT_EQ(Count<Granted>(3), 1);
  EXPECT_EQ(Count<Granted>(2), 0);
}

}  // namespace
}  // namespace zbroker::core
