// Background work that is put off so that a quota lasts.
#include <algorithm>

#include "absl/time/civil_time.h"
#include "tests/unit/core/harness.h"
#include "tests/unit/core/windows.h"

namespace zbroker::core {
namespace {

constexpr absl::Duration kOneWeek = absl::Hours(24 * 7);

// A hundred prompts a week, the first of which begins when the wall clock of tests does.
WindowConfig PacedWeek() {
  return {.name = "week",
          .unit = Unit::kPrompts,
          .length = kOneWeek,
          .limit = Units(100),
          .kind = WindowKind::kAnchored,
          .anchor = absl::CivilSecond(1970, 1, 1),
          .pace = true};
}

class PaceTest : public BrokerTest {
 protected:
  void StartPaced(int slots = 3) {
    now_ = BootTime();
    Start(OneAccount(slots, {PacedWeek()}));
  }
  void AskAs(StreamId stream, Priority priority, BootTime patience = BootTime::InfiniteFuture()) {
    Acquire acquire = Ask(stream, absl::StrCat("t", ++asked_), Kind::kPrompt);
    acquire.request.priority = priority;
    acquire.request.patience = patience;
    Do(acquire);
  }
  bool Granted(StreamId stream) { return Count<core::Granted>(stream) > 0; }
  // Asks, gets and gives back so many prompts that somebody waits for.
  void Use(int prompts) {
    for (int i = 0; i < prompts; ++i) {
      AskAs(1, Priority::kNormal);
      GiveBack(1, Last<core::Granted>(1).lease);
    }
  }

 private:
  int asked_ = 0;
};

TEST_F(PaceTest, BackgroundWorkWaitsUntilAsMuchOfTheWeekHasPassed) {
  StartPaced();
  Use(9);
  AskAs(2, Priority::kBackground);
  EXPECT_FALSE(Granted(2));
  const WaitState state = Last<Queued>(2).state;
  EXPECT_EQ(state.reason, WaitReason::kPace);
  EXPECT_EQ(state.window, "week");
  // The tenth, where two are ahead.
  EXPECT_EQ(state.until, BootTime() + 0.08 * kOneWeek);
  EXPECT_EQ(state.estimate, 0.08 * kOneWeek);
  EXPECT_EQ(Describe(state), "background work is ahead of the pace of window week");
  EXPECT_EQ(Look().windows.at(0).ahead_until, state.until) << "one instant in all that is shown";
  Pass(0.08 * kOneWeek - absl::Seconds(1));
  EXPECT_FALSE(Granted(2));
  Pass(absl::Seconds(1));
  EXPECT_TRUE(Granted(2));
}

// The provider had not counted a lease, and its charge was taken back afterwards.
TEST(WindowPaceTest, WhatWasTakenBackTwiceIsNoHeadStart) {
  Window window(PacedWeek());
  window.Advance(Hour(1));
  window.Add(Hour(1), Units(10));
  window.AddForeign(Hour(1), Amount() - Units(10), absl::InfiniteDuration());
  window.Remove(Hour(1), Units(10));
  ASSERT_EQ(window.used(), Amount());
  EXPECT_EQ(window.PaceAt(Units(10)), BootTime() + 0.08 * kOneWeek);
}

// Where a window only counts, one request may charge more than all that there is.
TEST(WindowPaceTest, WhatChargesMoreThanTheLimitHasItsTurnToo) {
  WindowConfig config = PacedWeek();
  config.enforce = core::Enforce::kOff;
  Window window(config);
  window.Advance(Hour(1));
  EXPECT_EQ(window.PaceAt(Units(250)), BootTime() + 0.98 * kOneWeek);
}

TEST_F(PaceTest, WorkThatSomebodyWaitsForAlwaysPasses) {
  StartPaced();
  Use(9);
  AskAs(2, Priority::kBackground);
  AskAs(3, Priority::kNormal);
  AskAs(4, Priority::kInteractive);
  EXPECT_FALSE(Granted(2));
  EXPECT_TRUE(Granted(3));
  EXPECT_TRUE(Granted(4));
}

TEST_F(PaceTest, BackgroundWorkNeedNotWaitForItsFirst) {
  StartPaced();
  AskAs(2, Priority::kBackground);
  EXPECT_TRUE(Granted(2));
}

TEST_F(PaceTest, AgeDoesNotLiftBackgroundWorkOverThePace) {
  StartPaced();
  Use(30);
  AskAs(2, Priority::kBackground);
  Pass(0.2 * kOneWeek);
  EXPECT_FALSE(Granted(2));
}

TEST_F(PaceTest, PatienceEndsAtItsInstant) {
  StartPaced();
  Use(30);
  AskAs(2, Priority::kBackground, now_ + absl::Hours(2));
  AskAs(3, Priority::kBackground);
  Pass(absl::Hours(2) - absl::Seconds(1));
  EXPECT_FALSE(Granted(2));
  Pass(absl::Seconds(1));
  EXPECT_TRUE(Granted(2));
  EXPECT_FALSE(Granted(3));
}

// It would use up, prompt by prompt, what the heavier waits for.
TEST_F(PaceTest, HeavierWorkWhoseTurnItIsIsNotStarvedByLighter) {
  StartPaced();
  Use(3);
  Acquire heavy = Ask(2, "heavy", Kind::kPrompt);
  heavy.request.priority = Priority::kBackground;
  heavy.request.weight = Units(5);
  Do(heavy);
  AskAs(3, Priority::kBackground);
  EXPECT_EQ(Last<Queued>(2).state.until, BootTime() + 0.06 * kOneWeek);
  Pass(0.03 * kOneWeek);
  EXPECT_FALSE(Granted(3)) << "it would make the heavy one wait the longer";
  EXPECT_EQ(Last<Queued>(3).state.reason, WaitReason::kOrder);
  EXPECT_EQ(Last<Queued>(3).state.window, "week");
  Pass(0.03 * kOneWeek);
  EXPECT_TRUE(Granted(2));
}

TEST_F(PaceTest, LighterWorkWhoseTurnItIsGoesBeforeHeavierThatIsAhead) {
  StartPaced();
  Use(3);
  AskAs(3, Priority::kBackground);
  Acquire heavy = Ask(2, "heavy", Kind::kPrompt);
  heavy.request.priority = Priority::kBackground;
  heavy.request.weight = Units(5);
  Do(heavy);
  Pass(0.02 * kOneWeek);
  EXPECT_TRUE(Granted(3));
  EXPECT_FALSE(Granted(2));
}

TEST_F(PaceTest, WhoIsAheadHoldsUpNobodyWithPatienceForLess) {
  StartPaced();
  Use(9);
  AskAs(2, Priority::kBackground);
  AskAs(3, Priority::kBackground, now_);
  EXPECT_FALSE(Granted(2));
  EXPECT_TRUE(Granted(3)) << "it lets itself be put off no longer";
}

TEST_F(PaceTest, NewWeekBeginsItsPaceAnew) {
  StartPaced();
  Use(100);
  AskAs(2, Priority::kBackground);
  Pass(kOneWeek - absl::Seconds(1));
  EXPECT_FALSE(Granted(2));
  EXPECT_EQ(Last<Queued>(2).state.reason, WaitReason::kWindow);
  Pass(absl::Seconds(1));
  EXPECT_TRUE(Granted(2));
}

TEST_F(PaceTest, WhoDoesNotWaitIsToldWhy) {
  StartPaced();
  Use(30);
  Acquire acquire = Ask(2, "x", Kind::kPrompt);
  acquire.request.priority = Priority::kBackground;
  acquire.no_wait = true;
  Do(acquire);
  EXPECT_THAT(std::string(Last<Refused>(2).status.message()),
              ::testing::HasSubstr("ahead of the pace of window week"));
}

TEST_F(PaceTest, CallsThatChargeNothingArePutOffForNothing) {
  StartPaced();
  Use(30);
  Acquire acquire = Ask(2, "x", Kind::kCall);
  acquire.request.priority = Priority::kBackground;
  Do(acquire);
  EXPECT_TRUE(Granted(2));
}

TEST_F(PaceTest, WallClockThatJumpsOverTheBoundaryLetsItPass) {
  StartPaced();
  Use(30);
  AskAs(2, Priority::kBackground);
  Effects effects;
  broker_->SetWallClock(WallClock{absl::ToInt64Microseconds(0.5 * kOneWeek)});
  Settle(effects);
  EXPECT_TRUE(Granted(2));
}

TEST_F(PaceTest, ShadowsThatWouldBePutOffHaveNoSlotUntilThen) {
  BrokerConfig config = OneAccount(3, {PacedWeek()});
  config.accounts[0].shadow = true;
  now_ = BootTime();
  Start(config);
  Use(30);
  AskAs(2, Priority::kBackground);
  EXPECT_TRUE(Granted(2));
  EXPECT_EQ(InFlight(), 0);
  Pass(0.29 * kOneWeek - absl::Seconds(1));
  EXPECT_EQ(InFlight(), 0);
  Pass(absl::Seconds(1));
  EXPECT_EQ(InFlight(), 1);
}

// Whenever background work begins that could use up all that there is: a person's prompts never
// wait, and at the end of the week next to nothing is left, or was refused to anybody.
TEST_F(PaceTest, WeekIsUsedUpWheneverBackgroundWorkBegins) {
  for (int hour = 0; hour < 7 * 24; ++hour) {
    StartPaced(2);
    int used = 0, person_waited = 0;
    StreamId stream = 100;
    std::optional<StreamId> background;
    for (int now = 0; now < 7 * 24; ++now) {
      // A person works on five afternoons: 30 prompts.
      if (now % 24 >= 14 && now % 24 < 20 && now < 5 * 24) {
        AskAs(++stream, Priority::kInteractive);
        if (Granted(stream)) {
          ++used;
          GiveBack(stream, Last<core::Granted>(stream).lease);
        } else {
          ++person_waited;
        }
      }
      // And a script that always wants the next prompt.
      for (int minute = 0; minute < 60; minute += 10) {
        if (background && Granted(*background)) {
          ++used;
          GiveBack(*background, Last<core::Granted>(*background).lease);
          background.reset();
        }
        events_.clear();
        records_.clear();
        if (!background && now >= hour) AskAs(background.emplace(++stream), Priority::kBackground);
        // Not by every deadline on the way: while somebody waits, there is one each second.
        now_ = now_ + absl::Minutes(10);
        Effects effects;
        Settle(effects);
      }
    }
    EXPECT_EQ(person_waited, 0) << "from hour " << hour;
    // What begins with hours left can use no more than these let pass.
    const int most = std::min(100, 30 + (7 * 24 - hour) * 6);
    EXPECT_GE(used, most - 3) << "from hour " << hour;
    EXPECT_LE(used, 100);
  }
}

class OffPeakTest : public PaceTest {
 protected:
  // A prompt counts three times from 14:00 to 18:00.
  void SetUp() override {
    BrokerConfig config =
        OneAccount(3, {{.name = "5h", .length = absl::Hours(5), .limit = Units(100)}});
    config.accounts[0].off_peak = true;
    config.accounts[0].weights = {
        {.models = {"big"},
         .weight = 3,
         .when = WeekHours::Daily(14 * 60, 18 * 60, absl::UTCTimeZone())}};
    now_ = BootTime() + absl::Hours(15);
    Start(config);
  }
  Acquire Background(StreamId stream, const std::string& model, Kind kind = Kind::kPrompt) {
    Acquire acquire = Ask(stream, absl::StrCat("b", stream), kind);
    acquire.request.model = model;
    acquire.request.priority = Priority::kBackground;
    return acquire;
  }
};

TEST_F(OffPeakTest, BackgroundWorkWaitsUntilItIsChargedLess) {
  Do(Background(2, "big"));
  Do(Background(3, "small"));
  Do(Background(4, "big", Kind::kCall));
  EXPECT_FALSE(Granted(2));
  EXPECT_TRUE(Granted(3));
  EXPECT_TRUE(Granted(4)) << "it is charged nothing";
  const WaitState state = Last<Queued>(2).state;
  EXPECT_EQ(state.reason, WaitReason::kOffPeak);
  EXPECT_EQ(state.until, BootTime() + absl::Hours(18));
  EXPECT_EQ(Describe(state),
            "background work waits for off-peak hours: it would be charged 3 × now");
  Pass(absl::Hours(3) - absl::Seconds(1));
  EXPECT_FALSE(Granted(2));
  Pass(absl::Seconds(1));
  EXPECT_TRUE(Granted(2));
  EXPECT_EQ(Look().windows.at(0).used, Units(2));
}

TEST_F(OffPeakTest, OthersAreGrantedAtAnyHour) {
  Acquire acquire = Background(2, "big");
  acquire.request.priority = Priority::kNormal;
  Do(acquire);
  EXPECT_TRUE(Granted(2));
}

TEST_F(OffPeakTest, WhatBeganInTimeIsNotCalledPutOff) {
  now_ = BootTime() + absl::Hours(20);
  Do(Background(2, "big"));
  EXPECT_TRUE(Granted(2));
}

}  // namespace
}  // namespace zbroker::core
