#include "daemon/core/rolling_window.h"

#include <gtest/gtest.h>

namespace zbroker::core {
namespace {

BootTime At(absl::Duration since_start) { return BootTime::FromMicros(0) + since_start; }
Amount Units(double value) { return *Amount::FromDouble(value); }

class RollingWindowTest : public ::testing::Test {
 protected:
  RollingWindow window_{{.name = "5h", .length = absl::Hours(5), .limit = Units(120)}};
};

TEST_F(RollingWindowTest, ChargeLeavesExactlyAfterItsLength) {
  window_.Add(At(absl::Hours(1)), Units(1));
  window_.Advance(At(absl::Hours(6)) - absl::Microseconds(1));
  EXPECT_EQ(window_.used(), Units(1));
  window_.Advance(At(absl::Hours(6)));
  EXPECT_EQ(window_.used(), Amount());
}

TEST_F(RollingWindowTest, WorkedExampleOfTheFiveHourWindow) {
  // 50 at 10:00 and 30 at 12:00 of 120: remaining 70, 40, 40 at 14:00, 90 at 15:00, 120 at 17:00.
  const auto remaining = [&] { return (window_.config().limit - window_.used()).ToDouble(); };
  window_.Add(At(absl::Hours(10)), Units(50));
  EXPECT_EQ(remaining(), 70);
  window_.Add(At(absl::Hours(12)), Units(30));
  EXPECT_EQ(remaining(), 40);
  window_.Advance(At(absl::Hours(14)));
  EXPECT_EQ(remaining(), 40);
  window_.Advance(At(absl::Hours(15)));
  EXPECT_EQ(remaining(), 90);
  window_.Advance(At(absl::Hours(17)));
  EXPECT_EQ(remaining(), 120);
}

TEST_F(RollingWindowTest, FractionsAddUpWithoutDrift) {
  for (int i = 0; i < 300; ++i) window_.Add(At(absl::Seconds(i)), Units(0.4));
  EXPECT_EQ(window_.used(), Units(120));
  EXPECT_FALSE(window_.HasRoomFor(Units(0.000001)));
}

TEST_F(RollingWindowTest, RoomComesWhenEnoughHasAgedOut) {
  window_.Add(At(absl::Hours(1)), Units(60));
  window_.Add(At(absl::Hours(2)), Units(60));
  EXPECT_EQ(window_.RoomAt(Units(60)), At(absl::Hours(6)));
  EXPECT_EQ(window_.RoomAt(Units(61)), At(absl::Hours(7)));
}

TEST_F(RollingWindowTest, NextReleaseIsTheOldestCharge) {
  EXPECT_FALSE(window_.NextRelease().has_value());
  window_.Add(At(absl::Hours(2)), Units(1));
  window_.Add(At(absl::Hours(1)), Units(1));
  EXPECT_EQ(window_.NextRelease(), At(absl::Hours(6)));
}

TEST_F(RollingWindowTest, RemoveTakesBackOneChargeOfTwoEqual) {
  window_.Add(At(absl::Hours(1)), Units(2));
  window_.Add(At(absl::Hours(1)), Units(2));
  window_.Remove(At(absl::Hours(1)), Units(2));
  EXPECT_EQ(window_.used(), Units(2));
}

TEST_F(RollingWindowTest, RemoveOfAChargeThatHasLeftChangesNothing) {
  window_.Add(At(absl::Hours(1)), Units(2));
  window_.Add(At(absl::Hours(3)), Units(2));
  window_.Advance(At(absl::Hours(6)));
  window_.Remove(At(absl::Hours(1)), Units(2));
  EXPECT_EQ(window_.used(), Units(2));
}

TEST_F(RollingWindowTest, ChargeLargerThanTheLimitNeverFits) {
  EXPECT_TRUE(window_.CanEverFit(Units(120)));
  EXPECT_FALSE(window_.CanEverFit(Units(120.000001)));
}

TEST_F(RollingWindowTest, WithoutEnforcementThereIsAlwaysRoom) {
  RollingWindow counting({.name = "c", .length = absl::Hours(5), .enforce = Enforce::kOff});
  counting.Add(At(absl::Hours(1)), Units(1000));
  EXPECT_TRUE(counting.HasRoomFor(Units(1000)));
  EXPECT_TRUE(counting.CanEverFit(Units(1e6)));
  EXPECT_EQ(counting.used(), Units(1000));
}

}  // namespace
}  // namespace zbroker::core
