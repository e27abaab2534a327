// What all windows do, and those that roll; the others are in anchored_window_test.cc.
#include "tests/unit/core/windows.h"

namespace zbroker::core {
namespace {

class RollingTest : public ::testing::Test {
 protected:
  double Remaining(BootTime now) {
    window_.Advance(now);
    return (window_.config().limit - window_.used()).ToDouble();
  }
  Window window_{Rolling(120)};
};

TEST_F(RollingTest, ChargeLeavesExactlyAfterItsLength) {
  window_.Add(Hour(1), Units(1));
  window_.Advance(Hour(6) - absl::Microseconds(1));
  EXPECT_EQ(window_.used(), Units(1));
  window_.Advance(Hour(6));
  EXPECT_EQ(window_.used(), Amount());
}

TEST_F(RollingTest, WorkedExampleOfTheFiveHourWindow) {
  window_.Advance(Hour(10));
  window_.Add(Hour(10), Units(50));
  EXPECT_EQ(Remaining(Hour(10)), 70);
  window_.Advance(Hour(12));
  window_.Add(Hour(12), Units(30));
  EXPECT_EQ(Remaining(Hour(12)), 40);
  EXPECT_EQ(Remaining(Hour(14)), 40);
  EXPECT_EQ(Remaining(Hour(15)), 90);
  EXPECT_EQ(Remaining(Hour(17)), 120);
}

TEST_F(RollingTest, WorkedExampleAcrossARestart) {
  const PastCharges charges = {{Hour(10), Units(50)}, {Hour(12), Units(30)}};
  for (const auto& [hour, remaining] :
       {std::pair(12.0, 40.0), {14.0, 40.0}, {15.0, 90.0}, {17.0, 120.0}}) {
    window_ = Restored(Rolling(120), charges, std::nullopt, {}, Hour(hour));
    EXPECT_EQ(Remaining(Hour(hour)), remaining) << hour;
  }
}

TEST_F(RollingTest, WorkedExampleAcrossADaylightSavingChange) {
  // Clocks are put forward at 2:00: what shows 1:00 and 6:00 is four hours apart.
  const absl::TimeZone berlin = LoadZone("Europe/Berlin");
  const absl::Time one = absl::FromCivil(absl::CivilHour(2026, 3, 29, 1), berlin);
  const WallClock wall = BootedAt(one - absl::Hours(10));
  WindowConfig config = Rolling(120);
  config.zone = berlin;
  window_ = Window(config);
  window_.SetWallClock(wall);
  window_.Add(wall.BootAt(one), Units(50));
  EXPECT_EQ(Remaining(wall.BootAt(absl::FromCivil(absl::CivilHour(2026, 3, 29, 6), berlin))), 70);
  EXPECT_EQ(Remaining(wall.BootAt(absl::FromCivil(absl::CivilHour(2026, 3, 29, 7), berlin))), 120);
}

TEST_F(RollingTest, StepOfTheWallClockFreesNothing) {
  window_.Add(Hour(1), Units(50));
  window_.SetWallClock(BootedAt(absl::FromUnixSeconds(1'800'000'000)));
  EXPECT_EQ(Remaining(Hour(2)), 70);
}

TEST_F(RollingTest, FractionsAddUpWithoutDrift) {
  for (int i = 0; i < 300; ++i) window_.Add(AfterBoot(absl::Seconds(i)), Units(0.4));
  EXPECT_EQ(window_.used(), Units(120));
  EXPECT_FALSE(window_.HasRoomFor(Units(0.000001)));
}

TEST_F(RollingTest, SumsBeyondTheLargestAmountDoNotOverflow) {
  for (int i = 0; i < 20'000; ++i) window_.Add(Hour(1), Units(Amount::kLargest));
  EXPECT_EQ(window_.used(), Units(Amount::kLargest));
  EXPECT_FALSE(window_.HasRoomFor(Units(1)));
  window_.Advance(Hour(6));
  EXPECT_EQ(window_.used(), Amount());
}

TEST_F(RollingTest, RoomComesWhenEnoughHasAgedOut) {
  window_.Advance(Hour(2));
  window_.Add(Hour(1), Units(60));
  window_.Add(Hour(2), Units(60));
  EXPECT_EQ(window_.RoomAt(Units(60)), Hour(6));
  EXPECT_EQ(window_.RoomAt(Units(61)), Hour(7));
}

TEST_F(RollingTest, RoomIsNowWhenThereIsSome) {
  window_.Advance(Hour(2));
  EXPECT_EQ(window_.RoomAt(Units(120)), Hour(2));
}

TEST_F(RollingTest, NextReleaseIsTheOldestCharge) {
  EXPECT_FALSE(window_.NextRelease().has_value());
  window_.Add(Hour(2), Units(1));
  window_.Add(Hour(1), Units(1));
  EXPECT_EQ(window_.NextRelease(), Hour(6));
}

TEST_F(RollingTest, RemoveTakesBackOneChargeOfTwoEqual) {
  window_.Add(Hour(1), Units(2));
  window_.Add(Hour(1), Units(2));
  window_.Remove(Hour(1), Units(2));
  EXPECT_EQ(window_.used(), Units(2));
}

TEST_F(RollingTest, RemoveOfAChargeThatHasLeftChangesNothing) {
  window_.Add(Hour(1), Units(2));
  window_.Add(Hour(3), Units(2));
  window_.Advance(Hour(6.5));
  window_.Remove(Hour(1), Units(2));
  EXPECT_EQ(window_.used(), Units(2));
}

TEST_F(RollingTest, ReplaceSettlesAChargeWhereItStands) {
  window_.Add(Hour(1), Units(10));
  window_.Add(Hour(1), Units(7));
  window_.Replace(Hour(1), Units(10), Units(25));
  EXPECT_EQ(window_.used(), Units(32));
  window_.Advance(Hour(6));
  EXPECT_EQ(window_.used(), Amount());
}

TEST_F(RollingTest, ReplaceCountsWhatWasFree) {
  window_.Add(Hour(2), Units(1));
  window_.Replace(Hour(1), Amount(), Units(4));
  EXPECT_EQ(window_.used(), Units(5));
  EXPECT_EQ(window_.NextRelease(), Hour(6));
}

TEST_F(RollingTest, ReplaceByNothingRemoves) {
  window_.Add(Hour(1), Units(4));
  window_.Replace(Hour(1), Units(4), Amount());
  EXPECT_EQ(window_.used(), Amount());
  EXPECT_FALSE(window_.NextRelease().has_value());
}

TEST_F(RollingTest, ReplaceOfAChargeThatHasLeftChangesNothing) {
  window_.Add(Hour(1), Units(4));
  window_.Advance(Hour(8));
  window_.Replace(Hour(1), Units(4), Units(5));
  EXPECT_EQ(window_.used(), Amount());
}

TEST_F(RollingTest, AtAResetEverythingBeforeItLeaves) {
  window_.Advance(Hour(2));
  window_.Add(Hour(1), Units(60));
  window_.Add(Hour(2), Units(60));
  window_.SetReset(Hour(5.5));
  EXPECT_EQ(window_.reset(), Hour(5.5));
  EXPECT_EQ(window_.RoomAt(Units(60)), Hour(5.5));
  EXPECT_EQ(window_.RoomAt(Units(120)), Hour(5.5));
  EXPECT_EQ(Remaining(Hour(5.5) - absl::Microseconds(1)), 0);
  EXPECT_EQ(Remaining(Hour(5.5)), 120);
  EXPECT_FALSE(window_.reset().has_value());
}

TEST_F(RollingTest, ChargesStillLeaveByThemselvesBeforeAReset) {
  window_.Add(Hour(1), Units(60));
  window_.SetReset(Hour(6) + absl::Seconds(5));
  EXPECT_EQ(window_.NextRelease(), Hour(6));
  EXPECT_EQ(Remaining(Hour(6)), 120);
}

TEST_F(RollingTest, AResetIsPlausibleUpToALengthAhead) {
  window_.Advance(Hour(1));
  EXPECT_TRUE(window_.IsPlausibleReset(Hour(6) + absl::Minutes(5)));
  EXPECT_FALSE(window_.IsPlausibleReset(Hour(6) + absl::Minutes(6)));
  EXPECT_TRUE(window_.IsPlausibleReset(Hour(1) + absl::Seconds(1)));
  EXPECT_FALSE(window_.IsPlausibleReset(Hour(1)));
}

TEST_F(RollingTest, ResetIsTheNextReleaseIfItComesFirst) {
  window_.Add(Hour(1), Units(60));
  window_.SetReset(Hour(3));
  EXPECT_EQ(window_.NextRelease(), Hour(3));
}

TEST_F(RollingTest, ChargesAfterAResetLeaveOneLengthLater) {
  window_.SetReset(Hour(3));
  window_.Advance(Hour(4));
  window_.Add(Hour(4), Units(1));
  EXPECT_EQ(Remaining(Hour(9) - absl::Microseconds(1)), 119);
  EXPECT_EQ(Remaining(Hour(9)), 120);
}

TEST_F(RollingTest, ChargesOfThePeriodBeforeAResetHaveLeft) {
  window_.Advance(Hour(4));
  window_.Add(Hour(1), Units(60));
  window_.Add(Hour(4) - absl::Seconds(10), Units(3));
  window_.SetReset(Hour(9));
  EXPECT_EQ(Remaining(Hour(4)), 117);
}

TEST(HardWindowTest, ChargeLargerThanTheLimitNeverFits) {
  const Window window(Rolling(120));
  EXPECT_TRUE(window.CanEverFit(Units(120)));
  EXPECT_FALSE(window.CanEverFit(Units(120.000001)));
  EXPECT_EQ(window.RoomAt(Units(120.000001)), BootTime::InfiniteFuture());
}

TEST(HardWindowTest, NothingExceedsIt) {
  Window window(Rolling(1));
  window.Add(Hour(1), Units(1));
  EXPECT_FALSE(window.HasRoomFor(Units(1)));
  EXPECT_FALSE(window.Exceeds(Units(1)));
}

TEST(OffWindowTest, ThereIsAlwaysRoom) {
  Window window(Rolling(0, Enforce::kOff));
  window.Advance(Hour(1));
  window.Add(Hour(1), Units(1000));
  EXPECT_TRUE(window.HasRoomFor(Units(1000)));
  EXPECT_TRUE(window.CanEverFit(Units(1e6)));
  EXPECT_EQ(window.RoomAt(Units(1000)), Hour(1));
  EXPECT_FALSE(window.Exceeds(Units(1000)));
  EXPECT_EQ(window.used(), Units(1000));
}

class ProbeWindowTest : public ::testing::Test {
 protected:
  ProbeWindowTest() {
    window_.Advance(Hour(1));
    window_.Add(Hour(1), Units(9));
  }
  Window window_{Rolling(10, Enforce::kProbe)};
};

TEST_F(ProbeWindowTest, BelowTheLimitAnyNumberPass) {
  window_.BeginExcess();
  EXPECT_FALSE(window_.Exceeds(Units(1)));
  EXPECT_TRUE(window_.HasRoomFor(Units(1)));
}

TEST_F(ProbeWindowTest, BeyondTheLimitOneAtATimePasses) {
  EXPECT_TRUE(window_.Exceeds(Units(2)));
  EXPECT_TRUE(window_.HasRoomFor(Units(2)));
  window_.BeginExcess();
  window_.Add(Hour(1), Units(2));
  EXPECT_FALSE(window_.HasRoomFor(Units(1)));
  EXPECT_EQ(window_.RoomAt(Units(1)), Hour(6));
  window_.EndExcess();
  EXPECT_TRUE(window_.HasRoomFor(Units(1)));
}

TEST_F(ProbeWindowTest, WhatCostsNothingNeverWaits) {
  window_.BeginExcess();
  window_.Add(Hour(1), Units(5));
  EXPECT_TRUE(window_.HasRoomFor(Amount()));
  EXPECT_FALSE(window_.Exceeds(Amount()));
}

TEST_F(ProbeWindowTest, ChargeLargerThanTheLimitMayPass) {
  EXPECT_TRUE(window_.CanEverFit(Units(1000)));
  EXPECT_TRUE(window_.HasRoomFor(Units(1000)));
  EXPECT_EQ(window_.RoomAt(Units(1000)), BootTime::InfiniteFuture());
}

}  // namespace
}  // namespace zbroker::core
