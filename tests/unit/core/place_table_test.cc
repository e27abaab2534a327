#include "daemon/core/place_table.h"

#include <gtest/gtest.h>

#include <string>

namespace zbroker::core {
namespace {

BootTime Moment(int64_t second) { return BootTime::FromMicros(second * 1'000'000); }

TEST(PlaceTableTest, PlaceIsTakenOnce) {
  PlaceTable<std::string> table(absl::Seconds(5));
  table.Keep("a", {Moment(1), 2}, Moment(10));
  EXPECT_TRUE(table.Has("a", Moment(11)));
  const auto place = table.Take("a", Moment(11));
  ASSERT_TRUE(place);
  EXPECT_EQ(place->arrival, Moment(1));
  EXPECT_EQ(place->attempts, 2u);
  EXPECT_FALSE(table.Take("a", Moment(11)));
}

TEST(PlaceTableTest, PlaceIsGoneWhenItsTimeIsOver) {
  PlaceTable<std::string> table(absl::Seconds(5));
  table.Keep("a", {Moment(1), 1}, Moment(10));
  EXPECT_TRUE(table.Has("a", Moment(15) - absl::Microseconds(1)));
  EXPECT_FALSE(table.Has("a", Moment(15)));
}

TEST(PlaceTableTest, KeepingItAgainStartsItsTimeAnew) {
  PlaceTable<std::string> table(absl::Seconds(5));
  table.Keep("a", {Moment(1), 1}, Moment(10));
  table.Take("a", Moment(11));
  table.Keep("a", {Moment(1), 2}, Moment(13));
  EXPECT_TRUE(table.Has("a", Moment(16)));
  EXPECT_FALSE(table.Has("a", Moment(18)));
}

TEST(PlaceTableTest, OldestMakesRoom) {
  PlaceTable<int> table(absl::Seconds(5));
  for (int i = 0; i <= static_cast<int>(PlaceTable<int>::kMax); ++i) table.Keep(i, {}, Moment(1));
  EXPECT_FALSE(table.Has(0, Moment(1)));
  EXPECT_TRUE(table.Has(1, Moment(1)));
}

}  // namespace
}  // namespace zbroker::core
