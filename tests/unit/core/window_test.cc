#include "daemon/core/window.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "tests/unit/core/harness.h"

namespace zbroker::core {
namespace {

BootTime At(absl::Duration since_boot) { return BootTime::FromMicros(0) + since_boot; }
BootTime Hour(double hours) { return At(absl::Hours(hours)); }

WindowConfig Rolling(double limit, Enforce enforce = Enforce::kHard) {
  return {.name = "5h", .length = absl::Hours(5), .limit = Units(limit), .enforce = enforce};
}

WindowConfig FromFirstUse(double limit) {
  return {
      .name = "5h", .length = absl::Hours(5), .limit = Units(limit), .kind = WindowKind::kAnchored};
}

WindowConfig Weekly(std::optional<absl::CivilSecond> anchor, absl::TimeZone zone) {
  return {.name = "week",
          .length = absl::Hours(7 * 24),
          .limit = Units(100),
          .kind = WindowKind::kAnchored,
          .anchor = anchor,
          .zone = zone};
}

WindowConfig Monthly(std::optional<absl::CivilSecond> anchor, absl::TimeZone zone) {
  return {.name = "month",
          .months = 1,
          .limit = Units(100),
          .kind = WindowKind::kAnchored,
          .anchor = anchor,
          .zone = zone};
}

absl::TimeZone Zone(const char* name) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone)) << name;
  return zone;
}

const absl::TimeZone kChina = absl::FixedTimeZone(8 * 60 * 60);

// A boot clock that was at zero at this instant.
WallClock BootedAt(absl::Time time) { return {absl::ToUnixMicros(time)}; }

using Charges = std::vector<std::pair<BootTime, Amount>>;

// The window as a daemon that starts at `now` builds it from its ledger.
Window Restored(const WindowConfig& config, const Charges& charges, std::optional<BootTime> reset,
                WallClock wall, BootTime now) {
  Window window(config);
  window.SetWallClock(wall);
  for (const auto& [at, amount] : charges) window.Add(at, amount);
  if (reset) window.SetReset(*reset);
  window.Advance(now);
  return window;
}

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
  const Charges charges = {{Hour(10), Units(50)}, {Hour(12), Units(30)}};
  for (const auto& [hour, remaining] :
       {std::pair(12.0, 40.0), {14.0, 40.0}, {15.0, 90.0}, {17.0, 120.0}}) {
    window_ = Restored(Rolling(120), charges, std::nullopt, {}, Hour(hour));
    EXPECT_EQ(Remaining(Hour(hour)), remaining) << hour;
  }
}

TEST_F(RollingTest, WorkedExampleAcrossADaylightSavingChange) {
  // Clocks are put forward at 2:00: what shows 1:00 and 6:00 is four hours apart.
  const absl::TimeZone berlin = Zone("Europe/Berlin");
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
  for (int i = 0; i < 300; ++i) window_.Add(At(absl::Seconds(i)), Units(0.4));
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

class FirstUseWindowTest : public ::testing::Test {
 protected:
  void Charge(BootTime at, double units = 1) {
    window_.Advance(at);
    window_.Add(at, Units(units));
  }
  double Used(BootTime now) {
    window_.Advance(now);
    return window_.used().ToDouble();
  }
  Window window_{FromFirstUse(10)};
};

TEST_F(FirstUseWindowTest, TheFirstChargeBeginsAPeriod) {
  EXPECT_FALSE(window_.reset().has_value());
  Charge(Hour(10));
  EXPECT_EQ(window_.reset(), Hour(15));
  Charge(Hour(14));
  EXPECT_EQ(window_.NextRelease(), Hour(15));
  EXPECT_EQ(Used(Hour(15) - absl::Microseconds(1)), 2);
  EXPECT_EQ(Used(Hour(15)), 0);
  EXPECT_FALSE(window_.reset().has_value());
}

TEST_F(FirstUseWindowTest, TheNextPeriodBeginsWithTheNextCharge) {
  Charge(Hour(10));
  Charge(Hour(16));
  EXPECT_EQ(window_.reset(), Hour(21));
  EXPECT_EQ(window_.used(), Units(1));
}

TEST_F(FirstUseWindowTest, RoomComesAtTheReset) {
  Charge(Hour(10), 3);
  Charge(Hour(12), 7);
  EXPECT_EQ(window_.RoomAt(Units(1)), Hour(15));
}

TEST_F(FirstUseWindowTest, AChargeThatIsTakenBackBeganNothing) {
  Charge(Hour(10), 3);
  Charge(Hour(11), 4);
  window_.Remove(Hour(10), Units(3));
  EXPECT_EQ(window_.reset(), Hour(16));
  window_.Remove(Hour(11), Units(4));
  EXPECT_FALSE(window_.reset().has_value());
  Charge(Hour(12));
  EXPECT_EQ(window_.reset(), Hour(17));
}

TEST_F(FirstUseWindowTest, OneOfTwoThatBeganItIsEnough) {
  Charge(Hour(10), 3);
  Charge(Hour(10), 3);
  Charge(Hour(11), 4);
  window_.Remove(Hour(10), Units(3));
  EXPECT_EQ(window_.reset(), Hour(15));
}

TEST_F(FirstUseWindowTest, TheProviderKnowsBetterWhenThePeriodEnds) {
  Charge(Hour(10));
  window_.SetReset(Hour(15) + absl::Seconds(2));
  EXPECT_EQ(Used(Hour(15)), 1) << "its clock started with the request, a moment after the lease";
  EXPECT_EQ(Used(Hour(15) + absl::Seconds(2)), 0);
}

TEST_F(FirstUseWindowTest, TheProviderKnowsBetterWhatHasLeft) {
  Charge(Hour(10));
  Charge(Hour(13));
  window_.SetReset(Hour(17));
  EXPECT_EQ(Used(Hour(13)), 1);
}

TEST_F(FirstUseWindowTest, TheProviderKnowsBetterWhatStillCounts) {
  Charge(Hour(10));
  Charge(Hour(14), 4);
  Charge(Hour(16), 2);
  EXPECT_EQ(window_.used(), Units(2));
  window_.SetReset(Hour(18.5));
  EXPECT_EQ(window_.used(), Units(6)) << "its period began at 13:30";
}

TEST_F(FirstUseWindowTest, AfterAResetThatHasPassedChargesBeginPeriodsAnew) {
  Charge(Hour(10));
  Charge(Hour(13));
  window_.SetReset(Hour(12));
  EXPECT_EQ(window_.reset(), Hour(18));
  EXPECT_EQ(window_.used(), Units(1));
}

TEST_F(FirstUseWindowTest, ALateChargeOfAnEarlierPeriodDoesNotCount) {
  Charge(Hour(10));
  window_.Add(Hour(8), Units(4));
  EXPECT_EQ(window_.used(), Units(1));
  window_.Remove(Hour(8), Units(4));
  EXPECT_EQ(window_.used(), Units(1));
}

TEST_F(FirstUseWindowTest, ARestartInTheMiddleOfAChainOfPeriodsChangesNothing) {
  // Of the charges of the last five hours, the one at 14:00 does not begin the period of 16:00.
  Charge(Hour(10));
  Charge(Hour(14), 4);
  Charge(Hour(16), 2);
  const Charges charges = {{Hour(14), Units(4)}, {Hour(16), Units(2)}};
  const Window again =
      Restored(window_.config(), charges, window_.known_reset(), WallClock(), Hour(17));
  EXPECT_EQ(again.used(), Units(2));
  EXPECT_EQ(again.reset(), Hour(21));
}

TEST(PeriodicWindowTest, AnAnchorSetsAllResets) {
  const WallClock wall = BootedAt(absl::FromCivil(absl::CivilDay(2026, 5, 1), kChina));
  Window window(Weekly(absl::CivilSecond(2026, 5, 20, 10), kChina));
  window.SetWallClock(wall);
  window.Advance(Hour(1));
  window.Add(Hour(1), Units(7));
  EXPECT_EQ(window.reset(), Hour(5 * 24 + 10)) << "two weeks before the anchor";
  window.Advance(Hour(5 * 24 + 10));
  EXPECT_EQ(window.used(), Amount());
  EXPECT_EQ(window.reset(), Hour(12 * 24 + 10));
  EXPECT_FALSE(window.known_reset().has_value()) << "the configuration says it all";
}

TEST(PeriodicWindowTest, LengthsAreRealTimeWhateverTheClocksShow) {
  const absl::TimeZone berlin = Zone("Europe/Berlin");
  const absl::CivilSecond anchor(2026, 3, 23, 12);
  const WallClock wall = BootedAt(absl::FromCivil(anchor, berlin));
  Window window(Weekly(anchor, berlin));
  window.SetWallClock(wall);
  window.Advance(Hour(1));
  EXPECT_EQ(window.reset(), Hour(7 * 24));
  EXPECT_EQ(absl::ToCivilHour(wall.At(*window.reset()), berlin), absl::CivilHour(2026, 3, 30, 13));
}

TEST(PeriodicWindowTest, WithoutAnAnchorTheFirstChargeIsTakenForAReset) {
  Window window(Weekly(std::nullopt, kChina));
  window.Advance(Hour(10));
  EXPECT_FALSE(window.reset().has_value());
  window.Add(Hour(10), Units(1));
  EXPECT_EQ(window.reset(), Hour(10 + 7 * 24));
  window.Advance(Hour(20 + 3 * 7 * 24));
  EXPECT_EQ(window.reset(), Hour(10 + 4 * 7 * 24)) << "periods follow one another";
}

TEST(PeriodicWindowTest, TheProviderMovesItsPeriods) {
  Window window(Weekly(std::nullopt, kChina));
  window.Advance(Hour(10));
  window.Add(Hour(10), Units(1));
  window.SetReset(Hour(100));
  EXPECT_EQ(window.reset(), Hour(100));
  EXPECT_EQ(window.used(), Units(1));
  window.Advance(Hour(100));
  EXPECT_EQ(window.used(), Amount());
  EXPECT_EQ(window.reset(), Hour(100 + 7 * 24));
}

TEST(PeriodicWindowTest, AStepOfTheWallClockThatIsUndoneLosesNothing) {
  const WallClock wall = BootedAt(absl::FromCivil(absl::CivilDay(2026, 5, 20), kChina));
  Window window(Weekly(absl::CivilSecond(2026, 5, 20), kChina));
  window.SetWallClock(wall);
  window.Advance(Hour(1));
  window.Add(Hour(1), Units(7));
  window.SetWallClock(
      {wall.offset_us + absl::ToInt64Microseconds(absl::Hours(7 * 24) - absl::Minutes(90))});
  window.Advance(Hour(2));
  EXPECT_EQ(window.used(), Amount());
  window.SetWallClock(wall);
  EXPECT_EQ(window.used(), Units(7));
}

TEST(MonthlyWindowTest, ResetsOnTheLastDayOfShortMonthsWithoutDrift) {
  const WallClock wall = BootedAt(absl::FromCivil(absl::CivilDay(2026, 1, 31), kChina));
  Window window(Monthly(absl::CivilSecond(2026, 1, 31, 14, 5), kChina));
  window.SetWallClock(wall);
  BootTime now = Hour(20);
  for (const auto& [month, day] : {std::pair(2, 28), {3, 31}, {4, 30}, {5, 31}}) {
    window.Advance(now);
    ASSERT_TRUE(window.reset().has_value());
    EXPECT_EQ(absl::ToCivilMinute(wall.At(*window.reset()), kChina),
              absl::CivilMinute(2026, month, day, 14, 5));
    now = *window.reset();
  }
}

TEST(MonthlyWindowTest, TheProviderSetsTheTimeOfDayAndTheAnchorKeepsItsDay) {
  const WallClock wall = BootedAt(absl::FromCivil(absl::CivilDay(2026, 2, 10), kChina));
  Window window(Monthly(absl::CivilSecond(2026, 1, 31), kChina));
  window.SetWallClock(wall);
  window.Advance(Hour(1));
  const absl::Time told =
      absl::FromCivil(absl::CivilMinute(2026, 2, 28, 14, 5), kChina) + absl::Milliseconds(241);
  window.SetReset(wall.BootAt(told));
  EXPECT_EQ(wall.At(*window.reset()), told);
  window.Advance(wall.BootAt(told));
  EXPECT_EQ(
      wall.At(*window.reset()),
      absl::FromCivil(absl::CivilMinute(2026, 3, 31, 14, 5), kChina) + absl::Milliseconds(241));
}

TEST(MonthlyWindowTest, KeepsTheTimeOfDayOfItsZoneAcrossADaylightSavingChange) {
  const absl::TimeZone berlin = Zone("Europe/Berlin");
  const WallClock wall = BootedAt(absl::FromCivil(absl::CivilDay(2026, 3, 16), berlin));
  Window window(Monthly(absl::CivilSecond(2026, 3, 15, 12), berlin));
  window.SetWallClock(wall);
  window.Advance(Hour(1));
  EXPECT_EQ(absl::ToCivilHour(wall.At(*window.reset()), berlin), absl::CivilHour(2026, 4, 15, 12));
}

TEST(ForecastTest, RunsOutWhenTheRateOfTheLastHourUsesUpTheRoom) {
  Window window(Rolling(120));
  for (int minute = 0; minute <= 60; minute += 2) {
    window.Add(At(absl::Minutes(minute)), Units(1));
  }
  window.Advance(Hour(1));
  // 31 are used, 30 of them in the last hour: 89 more take 2 h 58 min.
  EXPECT_EQ(window.RunsOut(), Hour(1) + absl::Minutes(178));
}

TEST(ForecastTest, ChargesThatAgeOutMakeRoom) {
  Window window(Rolling(120));
  window.Add(Hour(0), Units(100));
  window.Add(Hour(4.5), Units(10));
  window.Advance(Hour(4.5));
  // At 10 an hour there are 115 when the hundred leave after half an hour, and 25 at the end of
  // the steady state.
  EXPECT_EQ(window.RunsOut(), std::nullopt);
}

TEST(ForecastTest, NeverWithoutCharges) {
  Window window(Rolling(120));
  window.Advance(Hour(4));
  EXPECT_EQ(window.RunsOut(), std::nullopt);
}

TEST(ForecastTest, NowIfTheLimitIsReached) {
  Window window(Rolling(120));
  window.Add(Hour(0), Units(120));
  window.Advance(Hour(4));
  EXPECT_EQ(window.RunsOut(), Hour(4));
}

TEST(ForecastTest, NotIfTheResetComesFirst) {
  Window window(FromFirstUse(100));
  window.Add(Hour(0), Units(40));
  window.Add(Hour(3.5), Units(20));
  window.Advance(Hour(4));
  EXPECT_EQ(window.RunsOut(), std::nullopt);
  window.Add(Hour(4), Units(30));
  EXPECT_EQ(window.RunsOut(), Hour(4.2));
}

TEST(ForecastTest, NotWithoutALimit) {
  Window window(Rolling(0, Enforce::kOff));
  window.Add(Hour(0), Units(40));
  EXPECT_EQ(window.RunsOut(), std::nullopt);
}

}  // namespace
}  // namespace zbroker::core
