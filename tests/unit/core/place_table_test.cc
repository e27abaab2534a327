#include "daemon/core/place_table.h"

#include <gtest/gtest.h>

#include <string>

namespace zbroker::core {
namespace {

constexpr uint32_t kUid = 1000;

BootTime Moment(int64_t second) { return BootTime::FromMicros(second * 1'000'000); }

Waiter Asking(const std::string& ticket, const std::string& account = "a") {
  Waiter waiter;
  waiter.client.holder.uid = kUid;
  waiter.request.ticket = ticket;
  waiter.request.account = account;
  return waiter;
}

Waiter Vanished(const std::string& ticket, int64_t arrival) {
  Waiter waiter = Asking(ticket);
  waiter.order.arrival = Moment(arrival);
  waiter.gone_until = Moment(1000);
  return waiter;
}

TEST(PlaceTableTest, PlaceIsTakenOnce) {
  PlaceTable table;
  Waiter waiter = Asking("t");
  waiter.order.arrival = Moment(1);
  waiter.attempt = 2;
  table.Keep(waiter, Moment(10));
  EXPECT_TRUE(table.Has({kUid, "t"}, Moment(11)));
  EXPECT_FALSE(table.Has({kUid + 1, "t"}, Moment(11))) << "another user's";
  const auto place = table.Take({kUid, "t"}, Moment(11));
  ASSERT_TRUE(place);
  EXPECT_EQ(place->order.arrival, Moment(1));
  EXPECT_EQ(place->attempt, 2u);
  EXPECT_FALSE(table.Take({kUid, "t"}, Moment(11)));
}

TEST(PlaceTableTest, PlaceIsGoneWhenItsTimeIsOver) {
  PlaceTable table;
  table.Keep(Asking("t"), Moment(10));
  EXPECT_TRUE(table.Has({kUid, "t"}, Moment(15) - absl::Microseconds(1)));
  EXPECT_FALSE(table.Has({kUid, "t"}, Moment(15)));
  EXPECT_FALSE(table.Take({kUid, "t"}, Moment(15)));
}

TEST(PlaceTableTest, PlaceIsNotKeptBeyondTheDeadline) {
  PlaceTable table;
  Waiter waiter = Asking("t");
  waiter.deadline = Moment(12);
  table.Keep(waiter, Moment(10));
  EXPECT_TRUE(table.Has({kUid, "t"}, Moment(11)));
  EXPECT_FALSE(table.Has({kUid, "t"}, Moment(12)));
}

TEST(PlaceTableTest, KeepingItAgainStartsItsTimeAnew) {
  PlaceTable table;
  table.Keep(Asking("t"), Moment(10));
  table.Keep(Asking("t"), Moment(13));
  EXPECT_EQ(table.CountOf("a", Moment(13)), 1u);
  EXPECT_TRUE(table.Has({kUid, "t"}, Moment(16)));
  EXPECT_FALSE(table.Has({kUid, "t"}, Moment(18)));
}

TEST(PlaceTableTest, OldestMakesRoom) {
  PlaceTable table;
  for (size_t i = 0; i <= PlaceTable::kMax; ++i) table.Keep(Asking(std::to_string(i)), Moment(1));
  EXPECT_FALSE(table.Has({kUid, "0"}, Moment(1)));
  EXPECT_TRUE(table.Has({kUid, "1"}, Moment(1)));
  EXPECT_EQ(table.CountOf("a", Moment(1)), PlaceTable::kMax);
}

TEST(PlaceTableTest, PlacesAreCountedByAccountWhileTheyLast) {
  PlaceTable table;
  table.Keep(Asking("t", "a"), Moment(1));
  table.Keep(Asking("u", "b"), Moment(2));
  table.Keep(Asking("v", "b"), Moment(3));
  EXPECT_EQ(table.CountOf("a", Moment(3)), 1u);
  EXPECT_EQ(table.CountOf("b", Moment(3)), 2u);
  EXPECT_EQ(table.CountOf("b", Moment(7)), 1u);
  EXPECT_EQ(table.CountOf("c", Moment(7)), 0u);
}

TEST(PlaceTableTest, VanishedOnesAreListedByArrivalAndSentBackOnesAreNot) {
  PlaceTable table;
  table.Keep(Vanished("late", 5), Moment(10));
  table.Keep(Vanished("early", 4), Moment(11));
  table.Keep(Asking("sent back"), Moment(12));
  const auto listed = table.Vanished("a", Moment(13));
  ASSERT_EQ(listed.size(), 2u);
  EXPECT_EQ(listed[0]->request.ticket, "early");
  EXPECT_EQ(table.Vanished("a", Moment(15)).size(), 1u) << "the older one is over";
}

}  // namespace
}  // namespace zbroker::core
