#include "shims/lease/kept_places.h"

#include <gtest/gtest.h>

#include <string>

namespace zbroker::lease {
namespace {

using std::chrono::seconds;

constexpr LoopTime kStart{};

TEST(KeptPlacesTest, RequestThatComesAgainGetsItsTicketOnce) {
  KeptPlaces places;
  places.Add(1, "a", kStart);
  places.Add(2, "b", kStart);
  EXPECT_EQ(places.Take(2, kStart), "b");
  EXPECT_EQ(places.Take(2, kStart), "");
  EXPECT_EQ(places.Take(1, kStart), "a");
}

TEST(KeptPlacesTest, EqualRequestsGetTheirPlacesInOrder) {
  KeptPlaces places;
  places.Add(1, "a", kStart);
  places.Add(1, "b", kStart);
  EXPECT_EQ(places.Take(1, kStart), "a");
  EXPECT_EQ(places.Take(1, kStart), "b");
}

TEST(KeptPlacesTest, PlaceIsForgottenWhenTheDaemonGivesItUp) {
  KeptPlaces places;
  places.Add(1, "a", kStart);
  places.Add(2, "b", kStart + seconds(1));
  EXPECT_EQ(places.Take(1, kStart + KeptPlaces::kTime), "");
  EXPECT_EQ(places.Take(2, kStart + KeptPlaces::kTime), "b");
}

TEST(KeptPlacesTest, OldestMakesRoom) {
  KeptPlaces places;
  for (size_t i = 0; i <= KeptPlaces::kMax; ++i) places.Add(i, std::to_string(i), kStart);
  EXPECT_EQ(places.Take(0, kStart), "");
  EXPECT_EQ(places.Take(1, kStart), "1");
}

}  // namespace
}  // namespace zbroker::lease
