// The provider's meter: which of its limits is which window, what it shows that we have not
// counted, and what a broker does by it.
#include "daemon/core/meter.h"

#include "absl/strings/str_cat.h"
#include "tests/unit/core/windows.h"

namespace zbroker::core {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::zbroker::testing::HasCode;

constexpr absl::Duration kFive = absl::Hours(5);
constexpr absl::Duration kWeek = absl::Hours(7 * 24);

MeterRow Share(double percent, absl::Duration length = kFive, Unit unit = Unit::kTokens) {
  return {.unit = unit, .length = length, .percent = Units(percent)};
}

MeterRow Figures(Unit unit, double used, double limit, absl::Duration length = kFive) {
  return {.unit = unit,
          .length = length,
          .percent = Units(100 * used / limit),
          .used = Units(used),
          .limit = Units(limit)};
}

WindowConfig Prompts(double limit, Enforce enforce = Enforce::kHard) {
  WindowConfig window = FromFirstUse(limit);
  window.enforce = enforce;
  return window;
}

WindowConfig Credits(double limit) {
  WindowConfig window = Prompts(limit);
  window.unit = Unit::kCredits;
  return window;
}

TEST(MeterRowTest, IsTakenForTheWindowOfItsLengthThatCountsTheSame) {
  const std::vector<MeterRow> rows = {
      Share(1, kWeek), Share(2), {.unit = Unit::kMcpCalls, .months = 1, .percent = Units(3)}};
  EXPECT_EQ(RowFor(Prompts(10), rows)->percent, Units(2));
  WindowConfig tools = Monthly(std::nullopt, absl::UTCTimeZone());
  EXPECT_EQ(RowFor(tools, rows), nullptr) << "a month of prompts is no month of tool calls";
  tools.unit = Unit::kMcpCalls;
  EXPECT_EQ(RowFor(tools, rows)->percent, Units(3));
  tools.models = {"web_search*"};
  EXPECT_EQ(RowFor(tools, rows), nullptr) << "some tools are the user's own count";
  tools.metered = true;
  EXPECT_EQ(RowFor(tools, rows)->percent, Units(3)) << "unless they are the provider's";
  WindowConfig calls = Prompts(10);
  calls.unit = Unit::kCalls;
  EXPECT_EQ(RowFor(calls, rows), nullptr) << "a limit on calls is the user's own";
}

TEST(MeterRowTest, OfSeveralTheWindowsOwnUnitCountsElseTheFullest) {
  const std::vector<MeterRow> rows = {Share(7), Share(9, kFive, Unit::kPrompts),
                                      Share(8, kFive, Unit::kCredits)};
  EXPECT_EQ(RowFor(Credits(10), rows)->percent, Units(8));
  EXPECT_EQ(RowFor(Prompts(10), {Share(7), Share(8, kFive, Unit::kCredits)})->percent, Units(8));
}

TEST(DriftTest, PercentageIsCutOffSoThatBothMayBeRight) {
  const MeterRow row = Share(48);
  EXPECT_EQ(Drift(row, Prompts(200), Units(96), {}), Amount());
  EXPECT_EQ(Drift(row, Prompts(200), Units(97.9), {}), Amount());
  EXPECT_EQ(Drift(row, Prompts(200), Units(90), {}), Units(6));
  EXPECT_EQ(Drift(row, Prompts(200), Units(108), {}), Amount() - Units(10));
  EXPECT_EQ(Drift(Share(2.8), Prompts(1000), Units(28.5), {}), Amount());
  EXPECT_EQ(Drift(Share(2.8), Prompts(1000), Units(30), {}), Amount() - Units(1));
}

TEST(DriftTest, FiguresInTheWindowsUnitCountAsTheyAre) {
  EXPECT_EQ(Drift(Figures(Unit::kCredits, 402, 12'000), Credits(12'000), Units(300), {}),
            Units(102));
  // The limit may be the user's own.
  EXPECT_EQ(Drift(Figures(Unit::kCredits, 402, 12'000), Credits(5'000), Units(300), {}),
            Units(102));
  EXPECT_EQ(Drift(Figures(Unit::kCredits, 402, 12'000), Prompts(200), Units(6.7), {}), Amount());
}

TEST(DriftTest, WhatTheProviderMayNotHaveCountedYetIsNoDrift) {
  EXPECT_EQ(Drift(Share(10), Prompts(100), Units(14), Units(4)), Amount());
  EXPECT_EQ(Drift(Share(10), Prompts(100), Units(18), Units(4)), Amount() - Units(3));
}

TEST(DriftTest, UsedUpIsUsedUpHoweverMuchWeCounted) {
  EXPECT_EQ(Drift(Share(100), Prompts(100), Units(130), {}), Amount());
  EXPECT_EQ(Drift(Share(100), Prompts(100), Units(30), {}), Units(70));
}

TEST(DriftTest, ShareOfNoLimitIsNothing) {
  WindowConfig counts = Prompts(0, Enforce::kOff);
  EXPECT_EQ(Drift(Share(50), counts, Units(3), {}), std::nullopt);
}

TEST(ShowRoomTest, NeedsALimitThatIsAsLongAsTheWallAndNoFullOne) {
  Block wall{.reason = BlockReason::kWall, .since = Hour(1), .until = Hour(1 + 5 * 24)};
  EXPECT_FALSE(ShowRoom({Share(0)}, wall)) << "five hours are no wall of five days";
  EXPECT_TRUE(ShowRoom({Share(0), Share(0, kWeek)}, wall));
  EXPECT_FALSE(ShowRoom({Share(0), Share(100, kWeek)}, wall));
  EXPECT_FALSE(ShowRoom({Share(99), Share(0, kWeek)}, wall)) << "or that one is meant";
  wall.scope = Scope::kKind;
  wall.kind = Kind::kMcp;
  EXPECT_FALSE(ShowRoom({Share(0, kWeek)}, wall)) << "tool calls are counted apart";
  EXPECT_TRUE(ShowRoom({Share(100, kWeek), {.unit = Unit::kMcpCalls, .months = 1}}, wall));
  wall.scope = Scope::kModel;
  EXPECT_FALSE(ShowRoom({Share(0, kWeek)}, wall));
  EXPECT_FALSE(ShowRoom({Share(0, kWeek)}, {.reason = BlockReason::kBreaker}));
}

class MeterTest : public BrokerTest {
 protected:
  void Hear(std::vector<MeterRow> rows, absl::Duration ago = absl::ZeroDuration()) {
    Pass(absl::Seconds(1));
    Do(ReportMeter{.client = OnStream(90), .asked = now_ - ago, .rows = std::move(rows)});
  }
  WindowSnapshot Window() { return Look().windows.at(0); }
  // Waits also for what would be refused.
  static Acquire Holding(StreamId stream, const std::string& ticket) {
    Acquire acquire = Ask(stream, ticket, Kind::kPrompt);
    acquire.hold_until_reset = true;
    return acquire;
  }

  // A daemon that knows what was recorded.
  void Restart(const BrokerConfig& config) {
    Recovered memory;
    for (const LeaseOpened& one : Records<LeaseOpened>()) {
      memory.last_lease = one.lease;
      for (const Charge& charge : one.charges) {
        memory.charges.push_back({"default", charge.window, {{one.granted, charge.amount}}});
      }
    }
    memory.resets = Records<ResetKnown>();
    memory.foreign = Records<ForeignCharged>();
    memory.blocks = Records<BlockSet>();
    const std::vector<BlockRemoved> removed = Records<BlockRemoved>();
    std::erase_if(memory.blocks, [&](const BlockSet& set) {
      return std::any_of(removed.begin(), removed.end(), [&](const BlockRemoved& one) {
        return one.block.SameName(set.block) && one.block.since == set.block.since;
      });
    });
    if (const auto read = Records<MeterRead>(); !read.empty()) memory.readings = {read.back()};
    Start(config);
    broker_->Restore(memory, now_);
  }
  void ServePrompts(int count) {
    for (int i = 0; i < count; ++i) {
      GiveBack(1, Take(1, absl::StrCat("t", ++tickets_), Kind::kPrompt));
    }
  }

  int tickets_ = 0;
};

TEST_F(MeterTest, WhatCameFromElsewhereIsUsedToo) {
  const BrokerConfig config = OneAccount(3, {Prompts(200)});
  Start(config);
  ServePrompts(96);
  Hear({Share(61)});
  for (const bool restarted : {false, true}) {
    SCOPED_TRACE(restarted);
    if (restarted) Restart(config);
    EXPECT_EQ(Window().used, Units(122));
    EXPECT_EQ(Window().foreign, Units(26));
    EXPECT_EQ(Window().meter->percent, Units(61));
  }
}

TEST_F(MeterTest, OursWasTooHighAndIsPutRight) {
  Start(OneAccount(3, {Prompts(200)}));
  ServePrompts(96);
  Hear({Share(40)});
  EXPECT_EQ(Window().used, Units(82));
  EXPECT_EQ(Window().foreign, Amount() - Units(14));
}

TEST_F(MeterTest, ForeignUseLeavesWithTheReset) {
  Start(OneAccount(3, {Prompts(200)}));
  MeterRow row = Share(50);
  row.reset = now_ + absl::Hours(2);
  Hear({row});
  EXPECT_EQ(Window().used, Units(100));
  EXPECT_EQ(Window().reset, row.reset);
  Pass(absl::Hours(2));
  Do(Cancel{OnStream(90), "nothing"});
  EXPECT_EQ(Window().used, Amount());
}

TEST_F(MeterTest, ReadingAtTheVeryBeginOfAPeriodIsRememberedAsItWasTaken) {
  const BrokerConfig config = OneAccount(3, {Prompts(200)});
  Start(config);
  MeterRow row = Figures(Unit::kPrompts, 2, 200);
  row.reset = now_ + absl::Seconds(1) + kFive;
  Hear({row});
  row = Figures(Unit::kPrompts, 0, 200);
  row.reset = now_ + absl::Seconds(1) + kFive;
  Hear({row});
  for (const bool restarted : {false, true}) {
    SCOPED_TRACE(restarted);
    if (restarted) Restart(config);
    EXPECT_EQ(Window().used, Amount());
  }
}

TEST_F(MeterTest, ReadingAtTheInstantAtWhichALeaseBeganThePeriodCounts) {
  const BrokerConfig config = OneAccount(3, {Prompts(200)});
  Start(config);
  ServePrompts(1);
  MeterRow row = Figures(Unit::kPrompts, 10, 200);
  row.reset = now_ + kFive;
  Do(ReportMeter{.client = OnStream(90), .asked = now_, .rows = {row}});
  for (const bool restarted : {false, true}) {
    SCOPED_TRACE(restarted);
    if (restarted) Restart(config);
    EXPECT_GE(Window().used, Units(10));
  }
}

TEST_F(MeterTest, TakenBackUseThatOutlivesItsChargesIsNoRoomBeyondTheLimit) {
  WindowConfig window = Rolling(10);
  Start(OneAccount(3, {window}));
  ServePrompts(8);
  Pass(absl::Hours(4));
  Hear({Share(0)});
  EXPECT_EQ(Window().used, Units(0.1)) << "as much as 0 % may be";
  Pass(absl::Hours(1));
  ServePrompts(1);
  EXPECT_EQ(Window().used, Amount());
  Hear({Share(10)});
  EXPECT_EQ(Window().used, Units(1));
}

TEST_F(MeterTest, ResetThatCannotBeIsLeftOut) {
  Start(OneAccount(3, {Prompts(200)}));
  MeterRow row = Share(50);
  row.reset = now_ + absl::Hours(40);
  Hear({row});
  EXPECT_NE(Window().reset, row.reset);
  EXPECT_EQ(Window().used, Units(100));
}

TEST_F(MeterTest, UsedUpIsFullAlsoWhereTheFigureIsOnlyProbed) {
  const BrokerConfig config = OneAccount(3, {Prompts(200, Enforce::kProbe)});
  Start(config);
  MeterRow row = Share(100);
  row.reset = now_ + absl::Hours(2);
  Hear({row});
  for (const bool restarted : {false, true}) {
    SCOPED_TRACE(restarted);
    if (restarted) Restart(config);
    EXPECT_TRUE(Window().full);
    EXPECT_TRUE(Window().exhausted);
    EXPECT_EQ(Window().used, Units(200));
    const std::string ticket = absl::StrCat("w", restarted);
    Do(Holding(2, ticket));
    EXPECT_EQ(Last<Queued>(2).state.reason, WaitReason::kWindow);
    EXPECT_EQ(Last<Queued>(2).state.until, row.reset);
    Do(Cancel{OnStream(2), ticket});
  }
  Do(Holding(3, "waits"));
  Pass(absl::Hours(2));
  EXPECT_EQ(Last<Granted>(3).ticket, "waits");
}

TEST_F(MeterTest, WhatIsUsedUpRefusesAsItsWallWould) {
  const BrokerConfig config = OneAccount(1, {Prompts(200)});
  Start(config);
  Take(1, "holds", Kind::kPrompt);
  Do(Ask(2, "waits", Kind::kPrompt));
  MeterRow row = Share(100);
  row.reset = now_ + absl::Hours(2);
  Hear({row});
  for (const bool restarted : {false, true}) {
    SCOPED_TRACE(restarted);
    if (restarted) Restart(config);
    if (restarted) Do(Ask(2, "comes", Kind::kPrompt));
    const auto refused = Last<Refused>(2);
    EXPECT_EQ(refused.ticket, restarted ? "comes" : "waits");
    EXPECT_THAT(std::string(refused.status.message()), ::testing::HasSubstr("5h"));
    ASSERT_TRUE(refused.block);
    EXPECT_EQ(refused.block->reason, BlockReason::kWall);
    EXPECT_EQ(refused.block->until, row.reset);
  }
  Take(3, "a call charges no prompts", Kind::kCall);
}

TEST_F(MeterTest, UsedUpWithoutAResetIsNotBelievedForLong) {
  Start(OneAccount(3, {Prompts(0, Enforce::kOff)}));
  Hear({Share(100)});
  EXPECT_TRUE(Window().exhausted);
  Take(1, "only counts", Kind::kPrompt);
  Pass(kFullUnknown);
  Do(Cancel{OnStream(90), "nothing"});
  EXPECT_FALSE(Window().full);
}

TEST_F(MeterTest, LaterReadingWithRoomOpensTheWindow) {
  Start(OneAccount(3, {Prompts(200, Enforce::kProbe)}));
  Hear({Share(100)});
  Do(Holding(2, "waits"));
  EXPECT_EQ(Count<Granted>(2), 0);
  Hear({Share(98)});
  EXPECT_EQ(Count<Granted>(2), 1);
}

TEST_F(MeterTest, ResumeDoubtsTheMeterUntilItIsReadAgain) {
  const BrokerConfig config = OneAccount(3, {Prompts(200, Enforce::kProbe)});
  Start(config);
  Hear({Share(100)});
  Do(SetPaused{.client = OnStream(90), .paused = false});
  EXPECT_FALSE(Window().full);
  Restart(config);
  EXPECT_FALSE(Window().full);
  Hear({Share(100)});
  EXPECT_TRUE(Window().full);
}

TEST_F(MeterTest, WallEndsAtTheReadingThatShowsRoomAndOneRequestFindsOut) {
  WindowConfig week = Weekly(std::nullopt, absl::UTCTimeZone());
  const BrokerConfig config = OneAccount(3, {week});
  for (const bool restarted : {false, true}) {
    SCOPED_TRACE(restarted);
    records_.clear();
    events_.clear();
    Start(config);
    GiveBack(1, Take(1, "meets the wall", Kind::kPrompt), Outcome::kWall,
             {.upstream_code = "1310", .until = now_ + absl::Hours(5 * 24)});
    Hear({Share(100, kWeek, Unit::kCredits)});
    Do(Ask(2, "refused", Kind::kPrompt));
    EXPECT_THAT(Last<Refused>(2).status, HasCode(absl::StatusCode::kResourceExhausted));
    if (restarted) Restart(config);
    for (StreamId stream : {3, 4}) {
      Acquire waits = Ask(stream, absl::StrCat("waits", stream), Kind::kPrompt);
      waits.hold_until_reset = true;
      Do(waits);
    }
    MeterRow room = Share(0, kWeek, Unit::kCredits);
    room.reset = now_ + kWeek;
    Hear({room});
    EXPECT_THAT(Look().blocks, IsEmpty());
    EXPECT_EQ(Last<Granted>(3).ticket, "waits3");
    EXPECT_EQ(Count<Granted>(4), 0) << "the first finds out";
    EXPECT_EQ(Look().windows.at(0).reset, room.reset);
    Pass(StartPacer::kCanary);
    EXPECT_EQ(Count<Granted>(4), 1);
  }
}

TEST_F(MeterTest, ReadingFromBeforeTheWallSaysNothingOfIt) {
  Start(OneAccount(3, {Prompts(200)}));
  const LeaseId lease = Take(1, "t", Kind::kPrompt);
  Pass(absl::Seconds(30));
  GiveBack(1, lease, Outcome::kWall, {.until = now_ + absl::Hours(3)});
  Hear({Share(50)}, /*ago=*/absl::Seconds(20));
  EXPECT_THAT(Look().blocks, SizeIs(1));
}

TEST_F(MeterTest, OpenLeaseMayOrMayNotBeCounted) {
  Start(OneAccount(3, {Prompts(100)}));
  Take(1, "t", Kind::kPrompt);
  Hear({Share(0)});
  EXPECT_EQ(Window().used, Units(1));
  EXPECT_EQ(Window().foreign, Amount());
}

TEST_F(MeterTest, WhatSaysNothingOfNowChangesNothingAndIsKeptForWhoLooks) {
  Start(OneAccount(3, {Prompts(200)}));
  Pass(absl::Hours(1));
  Hear({Share(50)}, kReadingOldest + absl::Seconds(1));
  EXPECT_THAT(Last<Failed>(90).status, HasCode(absl::StatusCode::kFailedPrecondition));
  Do(ReportMeter{.client = OnStream(91), .asked = now_, .trouble = "it answered HTTP 502"});
  EXPECT_EQ(Look().meter_trouble.text, "it answered HTTP 502");
  Do(ReportMeter{.client = OnStream(92), .asked = now_});
  EXPECT_THAT(Last<Failed>(92).status, HasCode(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(Window().used, Amount());
  EXPECT_FALSE(Look().reading.has_value());
  Hear({Share(50)});
  EXPECT_EQ(Look().meter_trouble.text, "");
  Hear({Share(60)}, absl::Seconds(1));
  EXPECT_NE(Look().meter_trouble.text, "") << "not newer than the one before";
  EXPECT_EQ(Window().used, Units(100));
}

TEST_F(MeterTest, FirstReadingIsNoRate) {
  Start(OneAccount(3, {Prompts(200)}));
  Hear({Share(48)});
  EXPECT_FALSE(Window().runs_out.has_value());
  Pass(absl::Minutes(5));
  Hear({Share(60)});
  EXPECT_TRUE(Window().runs_out.has_value());
}

}  // namespace
}  // namespace zbroker::core
