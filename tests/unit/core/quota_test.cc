// Windows as the broker uses them: the worked example, prices by the hour, probing, walls.
#include "absl/strings/str_cat.h"
#include "tests/unit/core/harness.h"

namespace zbroker::core {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::zbroker::testing::HasCode;

constexpr absl::Duration kFiveHours = absl::Hours(5);

class QuotaTest : public BrokerTest {
 protected:
  static WindowConfig Of(double limit, Enforce enforce = Enforce::kHard,
                         WindowKind kind = WindowKind::kRolling) {
    return {.name = "5h",
            .length = kFiveHours,
            .limit = Units(limit),
            .enforce = enforce,
            .kind = kind};
  }

  static BrokerConfig With(WindowConfig window, int slots = 3) {
    BrokerConfig config = OneAccount(slots, {std::move(window)});
    config.accounts[0].slots.learn = false;
    return config;
  }

  LeaseId TakePrompt(StreamId stream) {
    return Take(stream, absl::StrCat("t", ++tickets_), Kind::kPrompt);
  }
  void AskPrompt(StreamId stream) {
    Acquire ask = Ask(stream, absl::StrCat("t", ++tickets_), Kind::kPrompt);
    ask.hold_until_reset = true;
    Do(ask);
  }
  void ServePrompts(int count) {
    for (int i = 0; i < count; ++i) GiveBack(1, TakePrompt(1));
  }

  Amount Used() { return Look().windows.at(0).used; }
  double Remaining() { return Look().windows.at(0).config.limit.ToDouble() - Used().ToDouble(); }
  void Tick() { Do(Cancel{OnStream(90), "nothing"}); }

  // What a ledger would remember of what was recorded so far.
  Recovered Memory() const {
    Recovered recovered;
    std::map<LeaseId, std::vector<Charge>> charges;
    std::map<LeaseId, LeaseOpened> opened;
    for (const LeaseOpened& one : Records<LeaseOpened>()) {
      opened[one.lease] = one;
      charges[one.lease] = one.charges;
      recovered.last_lease = one.lease;
    }
    for (const LeaseClosed& one : Records<LeaseClosed>()) {
      if (!one.refunds.empty()) charges[one.lease].clear();
    }
    for (const auto& [lease, all] : charges) {
      for (const Charge& one : all) {
        recovered.charges.push_back({"default", one.window, {{opened[lease].granted, one.amount}}});
      }
    }
    recovered.resets = Records<ResetKnown>();
    recovered.blocks = Records<BlockSet>();
    return recovered;
  }

  ReleaseDetails FiveHourWall(absl::Duration ahead) const {
    return {.upstream_code = "1308", .until = now_ + ahead, .window_length = kFiveHours};
  }

  int tickets_ = 0;
};

TEST_F(QuotaTest, WorkedExampleOfTheRollingWindow) {
  const BootTime ten = BootTime::FromMicros(0) + absl::Hours(10);
  for (const bool restarted : {false, true}) {
    SCOPED_TRACE(restarted);
    records_.clear();
    events_.clear();
    now_ = ten;
    Start(With(Of(120)));
    const auto at = [&](absl::Duration later) {
      Pass(ten + later - now_);
      if (restarted) {
        const Recovered memory = Memory();
        Start(With(Of(120)));
        broker_->Restore(memory, now_);
      }
      Tick();
    };
    ServePrompts(50);
    EXPECT_EQ(Remaining(), 70);
    at(absl::Hours(2));
    ServePrompts(30);
    EXPECT_EQ(Remaining(), 40);
    at(absl::Hours(4));
    EXPECT_EQ(Remaining(), 40);
    at(kFiveHours - absl::Microseconds(1));
    EXPECT_EQ(Remaining(), 40);
    at(kFiveHours);
    EXPECT_EQ(Remaining(), 90);
    at(absl::Hours(7));
    EXPECT_EQ(Remaining(), 120);
  }
}

TEST_F(QuotaTest, PriceOfAWaiterIsThatOfTheHourOfItsGrant) {
  BrokerConfig config = With(Of(10), 1);
  config.accounts[0].weights = {
      {.models = {"*"}, .weight = 3, .when = WeekHours::Daily(60, 120, absl::UTCTimeZone())}};
  now_ = BootTime::FromMicros(0);
  Start(config);
  const LeaseId held = TakePrompt(1);
  AskPrompt(2);
  Pass(absl::Hours(1));
  GiveBack(1, held);
  EXPECT_EQ(Used(), Units(1 + 3));
}

TEST_F(QuotaTest, WaiterWhoseNewPriceNeverFitsIsRefusedWhenItChanges) {
  BrokerConfig config = With(Of(2), 1);
  config.accounts[0].weights = {
      {.models = {"*"}, .weight = 3, .when = WeekHours::Daily(60, 120, absl::UTCTimeZone())}};
  now_ = BootTime::FromMicros(0);
  Start(config);
  TakePrompt(1);
  AskPrompt(2);
  Pass(absl::Hours(1));
  EXPECT_THAT(Last<Refused>(2).status, HasCode(absl::StatusCode::kFailedPrecondition));
}

TEST_F(QuotaTest, VanishedWaiterWhoseNewPriceNeverFitsIsRefusedWhenItReturns) {
  BrokerConfig config = With(Of(2), 1);
  config.accounts[0].weights = {
      {.models = {"*"}, .weight = 3, .when = WeekHours::Daily(60, 120, absl::UTCTimeZone())}};
  now_ = BootTime::FromMicros(0) + absl::Hours(1) - absl::Seconds(1);
  Start(config);
  TakePrompt(1);
  Do(Ask(2, "gone", Kind::kPrompt));
  Do(StreamClosed{2});
  Pass(absl::Seconds(2));
  Do(Ask(3, "gone", Kind::kPrompt));
  EXPECT_THAT(Last<Refused>(3).status, HasCode(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Look().waiters, IsEmpty());
}

TEST_F(QuotaTest, LowerPriceGrantsAtTheVeryInstant) {
  BrokerConfig config = With(Of(3), 3);
  config.accounts[0].weights = {
      {.models = {"*"}, .weight = 2, .when = WeekHours::Daily(0, 60, absl::UTCTimeZone())}};
  now_ = BootTime::FromMicros(0);
  Start(config);
  TakePrompt(1);
  AskPrompt(2);
  EXPECT_EQ(Last<Queued>(2).state.reason, WaitReason::kWindow);
  Pass(absl::Hours(1) - absl::Microseconds(1));
  EXPECT_EQ(Count<Granted>(2), 0);
  Pass(absl::Microseconds(1));
  EXPECT_EQ(Count<Granted>(2), 1);
}

TEST_F(QuotaTest, ProbedWindowPassesOneAtATimeBeyondItsFigure) {
  Start(With(Of(2, Enforce::kProbe)));
  ServePrompts(2);
  const LeaseId beyond = TakePrompt(1);
  AskPrompt(2);
  EXPECT_EQ(Last<Queued>(2).state.reason, WaitReason::kWindow);
  Do(Ask(3, "call"));
  EXPECT_EQ(Count<Granted>(3), 1) << "it charges nothing";
  GiveBack(1, beyond);
  EXPECT_EQ(Count<Granted>(2), 1);
  EXPECT_EQ(Used(), Units(4));
}

TEST_F(QuotaTest, ProbedWindowIsClosedByTheFirstWallUntilItsReset) {
  Start(With(Of(2, Enforce::kProbe, WindowKind::kAnchored)));
  ServePrompts(3);
  GiveBack(1, TakePrompt(1), Outcome::kWall, FiveHourWall(absl::Hours(2)));
  const BootTime reset = now_ + absl::Hours(2);
  EXPECT_EQ(Look().windows.at(0).reset, reset);
  EXPECT_EQ(Used(), Units(3)) << "the refused one costs nothing";
  for (StreamId i = 2; i <= 5; ++i) AskPrompt(i);
  Pass(absl::Hours(2) - absl::Microseconds(1));
  EXPECT_EQ(InFlight(), 0);
  Pass(absl::Microseconds(1));
  EXPECT_EQ(InFlight(), 1);
  EXPECT_EQ(Used(), Units(1)) << "a new period";
  Pass(StartPacer::kCanary);
  EXPECT_EQ(InFlight(), 2) << "within the figure again";
}

TEST_F(QuotaTest, ExcessOfALeaseIsOverHoweverItEnds) {
  Start(With(Of(1, Enforce::kProbe)));
  ServePrompts(1);
  for (const Outcome outcome : {Outcome::kOk, Outcome::kThrottle, Outcome::kFailed}) {
    const LeaseId lease = TakePrompt(2);
    GiveBack(2, lease, outcome, {.retry_after = absl::Seconds(1)});
    Pass(absl::Seconds(1));
  }
  TakePrompt(3);
  Do(HolderExited{103, 7});
  AskPrompt(4);
  EXPECT_EQ(Count<Granted>(4), 0);
  Pass(absl::Seconds(1));
  EXPECT_EQ(Count<Granted>(4), 1);
}

TEST_F(QuotaTest, ExcessOutlivesAReload) {
  Start(With(Of(1, Enforce::kProbe)));
  ServePrompts(1);
  const LeaseId beyond = TakePrompt(1);
  Effects effects;
  broker_->Reconfigure(With(Of(1, Enforce::kProbe)), Memory(), now_, effects);
  AskPrompt(2);
  EXPECT_EQ(Count<Granted>(2), 0);
  GiveBack(1, beyond);
  EXPECT_EQ(Count<Granted>(2), 1);
}

TEST_F(QuotaTest, WallMovesTheResetOfItsWindowWhateverWasReckoned) {
  Start(With(Of(9, Enforce::kHard, WindowKind::kAnchored)));
  const BootTime first = now_;
  ServePrompts(1);
  EXPECT_EQ(Look().windows.at(0).reset, first + kFiveHours);
  Pass(absl::Hours(1));
  GiveBack(1, TakePrompt(1), Outcome::kWall, FiveHourWall(absl::Hours(1)));
  EXPECT_EQ(Look().windows.at(0).reset, first + absl::Hours(2));
  EXPECT_EQ(Records<ResetKnown>().back().at, first + absl::Hours(2));
  Pass(absl::Hours(1));
  Tick();
  EXPECT_EQ(Used(), Amount());
}

TEST_F(QuotaTest, WallMetByACallMovesTheWindowOfPrompts) {
  Start(With(Of(9, Enforce::kHard, WindowKind::kAnchored)));
  ServePrompts(1);
  Acquire call = Ask(1, "call");
  call.request.weight = Amount();
  Do(call);
  GiveBack(1, Last<Granted>(1).lease, Outcome::kWall, FiveHourWall(absl::Hours(1)));
  EXPECT_EQ(Look().windows.at(0).reset, now_ + absl::Hours(1));
}

TEST_F(QuotaTest, WallOfToolCallsMovesNoWindowOfPrompts) {
  Start(With(Of(9, Enforce::kHard, WindowKind::kAnchored)));
  const BootTime first = now_;
  ServePrompts(1);
  ReleaseDetails wall = FiveHourWall(absl::Hours(1));
  wall.scope = Scope::kKind;
  GiveBack(1, Take(1, "tool", Kind::kMcp), Outcome::kWall, wall);
  EXPECT_EQ(Look().windows.at(0).reset, first + kFiveHours);
}

TEST_F(QuotaTest, ImplausibleResetMovesNothing) {
  Start(With(Of(9, Enforce::kHard, WindowKind::kAnchored)));
  std::optional<BootTime> first;  // charge that was not taken back
  for (const absl::Duration ahead :
       {-absl::Seconds(1), kFiveHours + absl::Minutes(5) + absl::Seconds(1)}) {
    const LeaseId lease = TakePrompt(1);
    GiveBack(1, lease, Outcome::kWall, FiveHourWall(ahead));
    Client admin = OnStream(9);
    admin.admin = true;
    Do(SetPaused{.client = admin, .account = "default"});
    Pass(StartPacer::kCanary);
    if (!first) first = now_;
    ServePrompts(1);
    Pass(StartPacer::kCanary);
  }
  EXPECT_EQ(Look().windows.at(0).reset, *first + kFiveHours);
}

TEST_F(QuotaTest, MovedResetOutlivesARestart) {
  Start(With(Of(9, Enforce::kHard, WindowKind::kAnchored)));
  ServePrompts(2);
  Pass(absl::Hours(1));
  GiveBack(1, TakePrompt(1), Outcome::kWall, FiveHourWall(absl::Hours(1)));
  const BootTime reset = now_ + absl::Hours(1);
  const Recovered memory = Memory();
  Start(With(Of(9, Enforce::kHard, WindowKind::kAnchored)));
  broker_->Restore(memory, now_);
  EXPECT_EQ(Look().windows.at(0).reset, reset);
  EXPECT_EQ(Used(), Units(2));
  Pass(absl::Hours(1));
  Tick();
  EXPECT_EQ(Used(), Amount());
}

class TokensTest : public QuotaTest {
 protected:
  void SetUp() override {
    WindowConfig window = Of(100'000);
    window.unit = Unit::kTokens;
    Start(With(window));
  }
  static constexpr TokenUsage kUsed{.input = 600, .cached = 300, .output = 100};
};

TEST_F(TokensTest, EstimateIsReservedAtTheGrantAndSettledAtTheRelease) {
  const LeaseId lease = TakePrompt(1);
  EXPECT_EQ(Used(), Units(22'500));
  GiveBack(1, lease, Outcome::kOk, {.usage = kUsed});
  EXPECT_EQ(Used(), Units(1'000));
  EXPECT_THAT(Records<LeaseClosed>().back().settled, SizeIs(1));
  EXPECT_EQ(Records<LeaseClosed>().back().settled.at(0).amount, Units(1'000));
}

TEST_F(TokensTest, WithoutUsageTheEstimateStands) {
  GiveBack(1, TakePrompt(1));
  EXPECT_EQ(Used(), Units(22'500));
}

TEST_F(TokensTest, WhatIsTurnedAwayGetsItsEstimateBackWhateverItReports) {
  GiveBack(1, TakePrompt(1), Outcome::kThrottle, {.retry_after = absl::Seconds(1), .usage = kUsed});
  EXPECT_EQ(Used(), Amount());
}

TEST_F(TokensTest, GuestThatUsesLessThanWasSetOffCostsNothingMore) {
  const LeaseId host = TakePrompt(1);
  Acquire child = Ask(2, "child", Kind::kPrompt);
  child.request.parent = host;
  Do(child);
  EXPECT_EQ(Used(), Units(22'500));
  GiveBack(2, Last<Granted>(2).lease, Outcome::kOk, {.usage = kUsed});
  EXPECT_EQ(Used(), Units(22'500));
}

TEST_F(TokensTest, GuestThatUsesMoreThanWasSetOffPaysTheRest) {
  const LeaseId host = TakePrompt(1);
  Acquire child = Ask(2, "child", Kind::kPrompt);
  child.request.parent = host;
  Do(child);
  GiveBack(2, Last<Granted>(2).lease, Outcome::kOk, {.usage = TokenUsage{.input = 30'000}});
  EXPECT_EQ(Used(), Units(30'000));
}

}  // namespace
}  // namespace zbroker::core
