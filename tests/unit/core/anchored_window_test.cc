// Windows whose charges leave together, at a reset.
#include "tests/unit/core/windows.h"

namespace zbroker::core {
namespace {

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
  const PastCharges charges = {{Hour(14), Units(4)}, {Hour(16), Units(2)}};
  const Window again =
      Restored(window_.config(), charges, window_.known_reset(), WallClock(), Hour(17));
  EXPECT_EQ(again.used(), Units(2));
  EXPECT_EQ(again.reset(), Hour(21));
}

TEST(PeriodicWindowTest, AnAnchorSetsAllResets) {
  const WallClock wall = BootedAt(absl::FromCivil(absl::CivilDay(2026, 5, 1), kProvidersZone));
  Window window(Weekly(absl::CivilSecond(2026, 5, 20, 10), kProvidersZone));
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
  const absl::TimeZone berlin = LoadZone("Europe/Berlin");
  const absl::CivilSecond anchor(2026, 3, 23, 12);
  const WallClock wall = BootedAt(absl::FromCivil(anchor, berlin));
  Window window(Weekly(anchor, berlin));
  window.SetWallClock(wall);
  window.Advance(Hour(1));
  EXPECT_EQ(window.reset(), Hour(7 * 24));
  EXPECT_EQ(absl::ToCivilHour(wall.At(*window.reset()), berlin), absl::CivilHour(2026, 3, 30, 13));
}

TEST(PeriodicWindowTest, WithoutAnAnchorTheFirstChargeIsTakenForAReset) {
  Window window(Weekly(std::nullopt, kProvidersZone));
  window.Advance(Hour(10));
  EXPECT_FALSE(window.reset().has_value());
  window.Add(Hour(10), Units(1));
  EXPECT_EQ(window.reset(), Hour(10 + 7 * 24));
  window.Advance(Hour(20 + 3 * 7 * 24));
  EXPECT_EQ(window.reset(), Hour(10 + 4 * 7 * 24)) << "periods follow one another";
}

TEST(PeriodicWindowTest, TheProviderMovesItsPeriods) {
  Window window(Weekly(std::nullopt, kProvidersZone));
  window.Advance(Hour(10));
  window.Add(Hour(10), Units(1));
  window.SetReset(Hour(100));
  EXPECT_EQ(window.reset(), Hour(100));
  EXPECT_EQ(window.used(), Units(1));
  window.Advance(Hour(100));
  EXPECT_EQ(window.used(), Amount());
  EXPECT_EQ(window.reset(), Hour(100 + 7 * 24));
}

TEST(PeriodicWindowTest, ChargeThatBeganThePeriodAndIsTakenBackDidNot) {
  Window window(Weekly(std::nullopt, kProvidersZone));
  window.Advance(Hour(10));
  window.Add(Hour(10), Units(1));
  window.Remove(Hour(10), Units(1));
  EXPECT_EQ(window.reset(), std::nullopt);
  window.Advance(Hour(50));
  window.Add(Hour(50), Units(1));
  EXPECT_EQ(window.reset(), Hour(50 + 7 * 24));
  window.Advance(Hour(60));
  window.Add(Hour(60), Units(1));
  window.Remove(Hour(50), Units(1));
  EXPECT_EQ(window.reset(), Hour(60 + 7 * 24));
}

TEST(PeriodicWindowTest, AStepOfTheWallClockThatIsUndoneLosesNothing) {
  const WallClock wall = BootedAt(absl::FromCivil(absl::CivilDay(2026, 5, 20), kProvidersZone));
  Window window(Weekly(absl::CivilSecond(2026, 5, 20), kProvidersZone));
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

TEST(PeriodicWindowTest, KeepsOldChargesByTheMinuteAndForgetsNoneOfThem) {
  Window window(Weekly(std::nullopt, kProvidersZone));
  constexpr int kCharges = 6 * 24 * 60 * 30;  // one every two seconds
  const auto at = [](int charge) { return Hour(1) + absl::Seconds(2) * charge; };
  for (int i = 0; i < kCharges; ++i) {
    window.Advance(at(i));
    window.Add(at(i), Amount::FromMicros(3));
  }
  EXPECT_LT(window.kept(), 120'000u);  // twice a day's charges and the minutes before
  EXPECT_EQ(window.used().micros(), 3 * kCharges);
  // Leases that were open since then still take back and replace their own.
  for (int i = 1000; i < 2000; ++i) window.Remove(at(i), Amount::FromMicros(3));
  for (int i = 2000; i < 3000; ++i) {
    window.Replace(at(i), Amount::FromMicros(3), Amount::FromMicros(5));
  }
  EXPECT_EQ(window.used().micros(), 3 * kCharges - 3'000 + 2'000);
  // The provider's reset, by which the charges of the first two days have left.
  window.SetReset(at(2 * 24 * 60 * 30) + absl::Hours(7 * 24));
  EXPECT_EQ(window.used().micros(), 3 * 4 * 24 * 60 * 30);
  window.Remove(at(3000), Amount::FromMicros(3));
  EXPECT_EQ(window.used().micros(), 3 * 4 * 24 * 60 * 30);
  window.Advance(at(2 * 24 * 60 * 30) + absl::Hours(7 * 24));
  EXPECT_EQ(window.used(), Amount());
}

TEST(PeriodicWindowTest, MinuteOfAResetIsNotMerged) {
  Window window(Weekly(std::nullopt, kProvidersZone));
  const auto at = [](int charge) { return Hour(1) + absl::Seconds(1) * charge; };
  window.Add(at(0), Units(1));  // the period begins
  const BootTime reset = Hour(1) + absl::Hours(7 * 24);
  for (int i = 0; i < 5'000; ++i)
    window.Add(reset - absl::Seconds(2'500 - i), Amount::FromMicros(1));
  window.Advance(reset + absl::Hours(30));
  EXPECT_LT(window.kept(), 100u);
  EXPECT_EQ(window.used().micros(), 2'500);
}

TEST(MonthlyWindowTest, ResetsOnTheLastDayOfShortMonthsWithoutDrift) {
  const WallClock wall = BootedAt(absl::FromCivil(absl::CivilDay(2026, 1, 31), kProvidersZone));
  Window window(Monthly(absl::CivilSecond(2026, 1, 31, 14, 5), kProvidersZone));
  window.SetWallClock(wall);
  BootTime now = Hour(20);
  for (const auto& [month, day] : {std::pair(2, 28), {3, 31}, {4, 30}, {5, 31}}) {
    window.Advance(now);
    ASSERT_TRUE(window.reset().has_value());
    EXPECT_EQ(absl::ToCivilMinute(wall.At(*window.reset()), kProvidersZone),
              absl::CivilMinute(2026, month, day, 14, 5));
    now = *window.reset();
  }
}

TEST(MonthlyWindowTest, TheProviderSetsTheTimeOfDayAndTheAnchorKeepsItsDay) {
  const WallClock wall = BootedAt(absl::FromCivil(absl::CivilDay(2026, 2, 10), kProvidersZone));
  Window window(Monthly(absl::CivilSecond(2026, 1, 31), kProvidersZone));
  window.SetWallClock(wall);
  window.Advance(Hour(1));
  const absl::Time told = absl::FromCivil(absl::CivilMinute(2026, 2, 28, 14, 5), kProvidersZone) +
                          absl::Milliseconds(241);
  window.SetReset(wall.BootAt(told));
  EXPECT_EQ(wall.At(*window.reset()), told);
  window.Advance(wall.BootAt(told));
  EXPECT_EQ(wall.At(*window.reset()),
            absl::FromCivil(absl::CivilMinute(2026, 3, 31, 14, 5), kProvidersZone) +
                absl::Milliseconds(241));
}

TEST(MonthlyWindowTest, KeepsTheTimeOfDayOfItsZoneAcrossADaylightSavingChange) {
  const absl::TimeZone berlin = LoadZone("Europe/Berlin");
  const WallClock wall = BootedAt(absl::FromCivil(absl::CivilDay(2026, 3, 16), berlin));
  Window window(Monthly(absl::CivilSecond(2026, 3, 15, 12), berlin));
  window.SetWallClock(wall);
  window.Advance(Hour(1));
  EXPECT_EQ(absl::ToCivilHour(wall.At(*window.reset()), berlin), absl::CivilHour(2026, 4, 15, 12));
}

}  // namespace
}  // namespace zbroker::core
