// Somebody sets the wall clock: no quota is freed or eaten, and rows read as the clock now says.
#include "tests/unit/ledger/harness.h"

namespace zbroker::ledger {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class WallClockTest : public LedgerTest {
 protected:
  // As the engine does: the clock is set, and the daemon notices at its next batch.
  void StepAndNotice(absl::Duration length) {
    clock_.StepWall(length);
    ASSERT_OK(ledger_->NoteWallClock(clock_.Read()));
  }

  // Makes one charge in the middle of the window and another one now, steps the clock, and expects
  // both to count, when they were made.
  void ExpectStepChangesNoCharge(absl::Duration step) {
    const BootTime first = now();
    Commit({Charging(1), Closed(1)});
    clock_.Advance(kLength / 2);
    const BootTime second = now();
    Commit({Charging(2), Closed(2)});
    StepAndNotice(step);
    EXPECT_THAT(ChargedAt(), ElementsAre(first, second));
    Open();
    EXPECT_THAT(ChargedAt(), ElementsAre(first, second)) << "after a restart of the daemon";
  }
};

TEST_F(WallClockTest, AStepForwardFreesNoQuota) { ExpectStepChangesNoCharge(absl::Hours(9)); }

TEST_F(WallClockTest, AStepBackEatsNoQuota) { ExpectStepChangesNoCharge(-absl::Hours(9)); }

TEST_F(WallClockTest, AStepOfYearsChangesNothingEither) {
  ExpectStepChangesNoCharge(absl::Hours(24 * 365 * 56));
}

TEST_F(WallClockTest, AStepWhileTheDaemonIsAwayFreesNoQuota) {
  const BootTime at = now();
  Commit({Charging(1)});
  ledger_.reset();
  clock_.Advance(absl::Hours(4));
  clock_.StepWall(absl::Hours(9));
  Open();
  EXPECT_THAT(ChargedAt(), ElementsAre(at));
}

TEST_F(WallClockTest, AStepTooSmallToNoteFreesNoQuota) {
  const BootTime at = now();
  Commit({Charging(1)});
  clock_.Advance(kLength - absl::Milliseconds(500));
  clock_.StepWall(absl::Milliseconds(900));
  Open();
  EXPECT_THAT(ChargedAt(), ElementsAre(at));
}

TEST_F(WallClockTest, AStepThatIsNotNotedYetFreesNoQuota) {
  const BootTime at = now();
  Commit({Charging(1)});
  clock_.StepWall(absl::Hours(9));
  EXPECT_THAT(ChargedAt(), ElementsAre(at));
}

TEST_F(WallClockTest, StepsThereAndBackLeaveNoTrace) {
  const BootTime at = now();
  Commit({Charging(1)});
  const absl::Time granted = wall();
  StepAndNotice(absl::Hours(9));
  StepAndNotice(-absl::Hours(9));
  Open();
  EXPECT_THAT(ChargedAt(), ElementsAre(at));
  EXPECT_EQ(Rows().at(0).granted, granted);
}

TEST_F(WallClockTest, RowsReadByThePresentSettingOfTheClock) {
  Commit({Opened(1)});
  clock_.Advance(absl::Hours(1));
  StepAndNotice(-absl::Hours(3));
  Commit({Opened(2), Closed(1)});
  const auto rows = Rows();
  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_EQ(rows[0].granted, wall() - absl::Hours(1));
  EXPECT_EQ(rows[0].queued, wall() - absl::Hours(1) - absl::Seconds(2));
  EXPECT_EQ(rows[0].closed, wall());
  EXPECT_EQ(rows[1].granted, wall());
}

TEST_F(WallClockTest, OpenLeasesKeepTheirInstants) {
  const BootTime granted = now();
  Commit({Opened(1)});
  StepAndNotice(absl::Hours(9));
  Open();
  const auto leases = Recover().leases;
  ASSERT_THAT(leases, SizeIs(1));
  EXPECT_EQ(leases[0].opened.granted, granted);
}

TEST_F(WallClockTest, FiltersGoByTheCorrectedTime) {
  Commit({Opened(1)});
  clock_.Advance(absl::Minutes(1));
  Commit({Opened(2)});
  for (const absl::Duration step : {absl::Hours(24 * 30), -absl::Hours(24 * 60)}) {
    StepAndNotice(step);
    EXPECT_THAT(Ids({.since = wall()}), ElementsAre(2));
    EXPECT_THAT(Ids({.since = wall() - absl::Minutes(1)}), ElementsAre(1, 2));
  }
}

// After a step and a reboot, what was written in between is known by its corrected time only.
class StepAndRebootTest : public WallClockTest {
 protected:
  // Charges once `step` was noted, reboots, and expects the charge where it was.
  void ExpectChargeSurvives(absl::Duration step) {
    StepAndNotice(step);
    const absl::Time charged = wall();
    Commit({Charging(1)});
    clock_.Advance(absl::Hours(2));
    Reboot(absl::Hours(1));
    EXPECT_THAT(ChargedAt(), ElementsAre(clock_.Read().BootAt(charged)));
    EXPECT_EQ(Rows().at(0).granted, charged);
    EXPECT_EQ(Rows().at(0).closed, wall()) << "the lease that the reboot closed";
  }
};

TEST_F(StepAndRebootTest, AfterAStepForwardChargesStand) { ExpectChargeSurvives(absl::Hours(9)); }

TEST_F(StepAndRebootTest, AfterAStepBackChargesStand) { ExpectChargeSurvives(-absl::Hours(9)); }

TEST_F(StepAndRebootTest, FilterFindsTheRowsOfEachBoot) {
  // The first boot began with a clock that was three hours fast.
  StepAndNotice(-absl::Hours(3));
  const absl::Time first = wall();
  Commit({Opened(1), Closed(1)});
  Reboot(absl::Minutes(5));
  Commit({Opened(2), Closed(2)});
  EXPECT_THAT(Ids({.since = first}), ElementsAre(1, 2));
  EXPECT_THAT(Ids({.since = first + absl::Microseconds(1)}), ElementsAre(2));
}

TEST_F(StepAndRebootTest, FilterFindsARowThatAClockWithoutABatteryWrote) {
  const absl::Time first = wall();
  Commit({Opened(1), Closed(1)});
  clock_.StepWall(absl::UnixEpoch() - wall());
  Reboot(absl::Minutes(5));
  const absl::Duration lost = first - wall();
  Commit({Opened(2), Closed(2)});
  StepAndNotice(lost + absl::Hours(1));
  EXPECT_THAT(Ids({.since = first}), ElementsAre(1, 2));
  EXPECT_THAT(Ids({.since = wall()}), ElementsAre(2));
}

TEST_F(StepAndRebootTest, PruningKeepsWhatStillCounts) {
  StepAndNotice(absl::Hours(9));
  const absl::Time charged = wall();
  Commit({Charging(1), Closed(1), Opened(2)});
  Reboot(absl::Hours(1));
  ASSERT_OK(ledger_->Prune(now() - kLength, now() - kLength));
  EXPECT_THAT(ChargedAt(), ElementsAre(clock_.Read().BootAt(charged)));
  EXPECT_THAT(Ids(), ElementsAre(1, 2));
}

TEST_F(StepAndRebootTest, PruningDropsWhatIsOldByTheCorrectedTime) {
  StepAndNotice(-absl::Hours(9));
  Commit({Charging(1), Closed(1), Opened(2)});
  clock_.Advance(kLength);
  Reboot(absl::Hours(1));
  ASSERT_OK(ledger_->Prune(now() - kLength, now() - kLength));
  EXPECT_THAT(ChargedAt(), IsEmpty());
  EXPECT_THAT(Ids(), ElementsAre(2));
}

}  // namespace
}  // namespace zbroker::ledger
