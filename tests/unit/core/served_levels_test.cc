#include "daemon/core/served_levels.h"

#include <gtest/gtest.h>

namespace zbroker::core {
namespace {

const BootTime kNothingServed = BootTime() - absl::InfiniteDuration();

BootTime AtSecond(int64_t second) { return BootTime::FromMicros(second * 1'000'000); }

TEST(ServedLevelsTest, RequestShowsItsLevelAndAllLowerOnes) {
  ServedLevels served;
  served.Note(3, AtSecond(10));
  EXPECT_EQ(served.LastAt(3), AtSecond(10));
  EXPECT_EQ(served.LastAt(1), AtSecond(10));
  EXPECT_EQ(served.LastAt(4), kNothingServed);
}

TEST(ServedLevelsTest, LaterOneOfALowerLevelLeavesTheHigherOneWhereItWas) {
  ServedLevels served;
  served.Note(5, AtSecond(10));
  served.Note(2, AtSecond(20));
  EXPECT_EQ(served.LastAt(5), AtSecond(10));
  EXPECT_EQ(served.LastAt(3), AtSecond(10));
  EXPECT_EQ(served.LastAt(2), AtSecond(20));
  EXPECT_EQ(served.Last(), AtSecond(20));
}

TEST(ServedLevelsTest, EarlierOneThatIsHeardOfLateChangesNothingOfWhatIsNewer) {
  ServedLevels served;
  served.Note(3, AtSecond(20));
  served.Note(4, AtSecond(10));
  EXPECT_EQ(served.LastAt(4), AtSecond(10));
  EXPECT_EQ(served.LastAt(3), AtSecond(20));
}

TEST(ServedLevelsTest, RefusalTakesTheWorthOfItsLevelAndAllHigherOnes) {
  ServedLevels served;
  served.Note(5, AtSecond(10));
  served.Note(2, AtSecond(20));
  served.Refused(3);
  EXPECT_EQ(served.LastAt(3), kNothingServed);
  EXPECT_EQ(served.LastAt(2), AtSecond(20));
}

}  // namespace
}  // namespace zbroker::core
