#include "daemon/core/place_table.h"

#include <gtest/gtest.h>

#include <string>

namespace zbroker::core {
namespace {

BootTime At(int64_t second) { return BootTime::FromMicros(second * 1'000'000); }

TEST(PlaceTableTest, PlaceIsTakenOnce) {
  PlaceTable<std::string> table(absl::Seconds(5));
  table.Keep("a", {At(1), 2}, At(10));
  EXPECT_TRUE(table.Has("a", At(11)));
  const auto place = table.Take("a", At(11));
  ASSERT_TRUE(place);
  EXPECT_EQ(place->arrival, At(1));
  EXPECT_EQ(place->attempts, 2u);
  EXPECT_FALSE(table.Take("a", At(11)));
}

TEST(PlaceTableTest, PlaceIsGoneWhenItsTimeIsOver) {
  PlaceTable<std::string> table(absl::Seconds(5));
  table.Keep("a", {At(1), 1}, At(10));
  EXPECT_TRUE(table.Has("a", At(15) - absl::Microseconds(1)));
  EXPECT_FALSE(table.Has("a", At(15)));
}

TEST(PlaceTableTest, KeepingItAgainStartsItsTimeAnew) {
  PlaceTable<std::string> table(absl::Seconds(5));
  table.Keep("a", {At(1), 1}, At(10));
  table.Take("a", At(11));
  table.Keep("a", {At(1), 2}, At(13));
  EXPECT_TRUE(table.Has("a", At(16)));
  EXPECT_FALSE(table.Has("a", At(18)));
}

TEST(PlaceTableTest, OldestMakesRoom) {
  PlaceTable<int> table(absl::Seconds(5));
  for (int i = 0; i <= static_cast<int>(PlaceTable<int>::kMax); ++i) table.Keep(i, {}, At(1));
  EXPECT_FALSE(table.Has(0, At(1)));
  EXPECT_TRUE(table.Has(1, At(1)));
}

}  // namespace
}  // namespace zbroker::core
