// What was learned of limits and resets, what leases really used, and what shadow mode found.
#include "daemon/core/window.h"
#include "tests/unit/ledger/harness.h"

namespace zbroker::ledger {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class KnowledgeTest : public LedgerTest {
 protected:
  core::LimitLearned Learned(core::HourClass hours, int limit) const {
    return {kAccount,
            {.hours = hours,
             .start = 3,
             .limit = limit,
             .ceiling = limit + 1,
             .confirmed = now() - absl::Minutes(2),
             .interval = absl::Minutes(10),
             .changed = now() - absl::Minutes(1),
             .why = "throttled (1302) with 5 in flight"}};
  }

  std::vector<core::Amount> Amounts() {
    std::vector<core::Amount> amounts;
    for (const auto& charge : Charges()) amounts.push_back(charge.amount);
    return amounts;
  }
};

TEST_F(KnowledgeTest, LearnedLimitReadsAsItWasWritten) {
  const core::LimitLearned learned = Learned(core::HourClass::kPeak, 4);
  Commit({learned});
  Open();
  const auto limits = Recover().limits;
  ASSERT_THAT(limits, SizeIs(1));
  EXPECT_EQ(limits[0].account, kAccount);
  EXPECT_EQ(limits[0].state, learned.state);
}

TEST_F(KnowledgeTest, EachClassOfHoursHasItsLatestLimit) {
  Commit({Learned(core::HourClass::kPeak, 4), Learned(core::HourClass::kOffPeak, 6)});
  Commit({Learned(core::HourClass::kPeak, 2)});
  std::vector<int> limits;
  for (const auto& learned : Recover().limits) limits.push_back(learned.state.limit);
  EXPECT_THAT(limits, ElementsAre(6, 2));
}

TEST_F(KnowledgeTest, PausesReadAsTheyWereWrittenUntilTheyEnd) {
  const core::Part background{.priority = core::Priority::kBackground};
  const core::Part nightly{.session = "nightly", .program = "indexer"};
  const BootTime until = now() + absl::Hours(2);
  Commit({core::PauseSet{kAccount, {background, until}}, core::PauseSet{kAccount, {nightly}},
          core::PauseSet{kAccount, {}}});
  Open();
  auto pauses = Recover().pauses;
  ASSERT_THAT(pauses, SizeIs(3));
  EXPECT_TRUE(pauses[0].pause.part.whole());
  EXPECT_EQ(pauses[1].pause.part, nightly);
  EXPECT_EQ(pauses[1].pause.until, BootTime::InfiniteFuture());
  EXPECT_EQ(pauses[2].pause.part, background);
  EXPECT_EQ(pauses[2].pause.until, until);
  Commit({core::PauseSet{kAccount, {background, until + absl::Hours(1)}},
          core::PauseEnded{kAccount, nightly}});
  pauses = Recover().pauses;
  ASSERT_THAT(pauses, SizeIs(2));
  EXPECT_EQ(pauses[1].pause.until, until + absl::Hours(1));
}

TEST_F(KnowledgeTest, LimitsOfModelsStandBesideTheAccountsUntilTheyAreForgotten) {
  core::LimitLearned of_model = Learned(core::HourClass::kPeak, 1);
  of_model.model = "glm-5";
  Commit({Learned(core::HourClass::kPeak, 4), of_model});
  ASSERT_THAT(Recover().limits, SizeIs(2));
  EXPECT_EQ(Recover().limits[0].model, "");
  EXPECT_EQ(Recover().limits[1].model, "glm-5");
  EXPECT_EQ(Recover().limits[1].state, of_model.state);
  Commit({core::LimitForgotten{kAccount, "glm-5"}});
  ASSERT_THAT(Recover().limits, SizeIs(1));
  EXPECT_EQ(Recover().limits[0].model, "");
}

TEST_F(KnowledgeTest, PinsOfModelsAreKeptReplacedAndRemoved) {
  Commit({core::ModelPinned{kAccount, "a", 1}, core::ModelPinned{kAccount, "b", 2}});
  Commit({core::ModelPinned{kAccount, "a", 3}, core::ModelPinned{kAccount, "b", std::nullopt}});
  Open();
  const auto pins = Recover().pins;
  ASSERT_THAT(pins, SizeIs(1));
  EXPECT_EQ(pins[0].account, kAccount);
  EXPECT_EQ(pins[0].model, "a");
  EXPECT_EQ(pins[0].limit, 3);
}

TEST_F(KnowledgeTest, AfterARebootLearnedInstantsAreTheSameWallTime) {
  const core::LimitLearned learned = Learned(core::HourClass::kPeak, 4);
  Commit({learned});
  const absl::Time confirmed = wall() - absl::Minutes(2);
  Reboot(absl::Minutes(30));
  EXPECT_EQ(clock_.Read().WallAt(Recover().limits.at(0).state.confirmed), confirmed);
}

TEST_F(KnowledgeTest, ResetIsKeptReplacedAndForgotten) {
  const BootTime reset = now() + absl::Hours(3);
  Commit({core::ResetKnown{kAccount, kWindow, now()}, core::ResetKnown{kAccount, "week", now()}});
  Commit({core::ResetKnown{kAccount, kWindow, reset}});
  Commit({core::ResetKnown{kAccount, "week", std::nullopt}});
  const auto resets = Recover().resets;
  ASSERT_THAT(resets, SizeIs(1));
  EXPECT_EQ(resets[0].window, kWindow);
  EXPECT_EQ(resets[0].at, reset);
}

TEST_F(KnowledgeTest, ChargesAndResetOfAnEarlierBootGiveTheSameWindow) {
  const core::WindowConfig config{
      .name = kWindow, .length = kLength, .limit = Units(100), .kind = core::WindowKind::kAnchored};
  core::Window lived(config);
  lived.Add(now(), Units(30));
  Commit({Charging(1, 30), core::ResetKnown{kAccount, kWindow, lived.known_reset()}});
  const absl::Time reset = wall() + kLength;
  Reboot(absl::Hours(1));
  core::Window rebuilt(config);
  const core::Recovered recovered = Recover();
  for (const auto& charge : Charges()) rebuilt.Add(charge.at, charge.amount);
  rebuilt.SetReset(*recovered.resets.at(0).at);
  rebuilt.Advance(now());
  EXPECT_EQ(rebuilt.used(), Units(30));
  EXPECT_EQ(clock_.Read().WallAt(*rebuilt.reset()), reset);
  rebuilt.Advance(*rebuilt.reset());
  EXPECT_EQ(rebuilt.used(), core::Amount());
}

TEST_F(KnowledgeTest, SettledChargeIsWhatTheLeaseUsed) {
  Commit({Charging(1, 5)});
  core::LeaseClosed closed = Closed(1);
  closed.settled = {{kWindow, Units(7.5)}};
  Commit({closed});
  EXPECT_THAT(Amounts(), ElementsAre(Units(7.5)));
}

TEST_F(KnowledgeTest, LeaseThatWasExpectedToCostNothingMayStillBeCharged) {
  Commit({Opened(1)});
  core::LeaseClosed closed = Closed(1);
  closed.settled = {{kWindow, Units(2)}};
  Commit({closed});
  EXPECT_THAT(Amounts(), ElementsAre(Units(2)));
}

TEST_F(KnowledgeTest, LeaseThatUsedNothingIsChargedNothing) {
  Commit({Charging(1, 5)});
  core::LeaseClosed closed = Closed(1);
  closed.settled = {{kWindow, core::Amount()}};
  Commit({closed});
  EXPECT_THAT(Amounts(), IsEmpty());
}

TEST_F(KnowledgeTest, WhatShadowModeFoundAddsUp) {
  for (core::LeaseId id = 1; id <= 3; ++id) {
    Commit({Opened(id)});
    core::LeaseClosed closed = Closed(id);
    if (id != 2) closed.shadow_wait = absl::Seconds(10 * id);
    Commit({closed});
  }
  Open();
  const core::Totals totals = Recover().accounts.at(0).totals;
  EXPECT_EQ(totals.shadow_waits, 2u);
  EXPECT_EQ(totals.shadow_waited, absl::Seconds(40));
}

}  // namespace
}  // namespace zbroker::ledger
