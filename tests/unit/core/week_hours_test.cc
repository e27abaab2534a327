#include "daemon/core/week_hours.h"

#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace zbroker::core {
namespace {

using Days = std::array<bool, 7>;

constexpr Days kWorkdays = {true, true, true, true, true, false, false};
constexpr Days kFriday = {false, false, false, false, true, false, false};

// 2026-11-20 is a Friday.
absl::Time Utc(int day, int hour, int minute = 0) {
  return absl::FromCivil(absl::CivilMinute(2026, 11, day, hour, minute), absl::UTCTimeZone());
}

absl::TimeZone Zone(const std::string& name) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone)) << name;
  return zone;
}

TEST(WeekHoursTest, IsAlwaysByDefault) {
  const WeekHours hours;
  EXPECT_TRUE(hours.always());
  for (int hour = 0; hour < 7 * 24; ++hour) EXPECT_TRUE(hours.Contains(Utc(1, hour, 59))) << hour;
}

TEST(WeekHoursTest, DailyHasItsHours) {
  const WeekHours hours = WeekHours::Daily(15 * 60, 18 * 60, absl::UTCTimeZone());
  EXPECT_FALSE(hours.always());
  EXPECT_FALSE(hours.Contains(Utc(21, 15) - absl::Nanoseconds(1)));
  EXPECT_TRUE(hours.Contains(Utc(21, 15)));
  EXPECT_TRUE(hours.Contains(Utc(21, 18) - absl::Nanoseconds(1)));
  EXPECT_FALSE(hours.Contains(Utc(21, 18)));
}

TEST(WeekHoursTest, HoursAreThoseOfTheZone) {
  const WeekHours hours = WeekHours::Daily(0, 60, absl::FixedTimeZone(8 * 60 * 60));
  EXPECT_TRUE(hours.Contains(Utc(20, 16, 30)));
  EXPECT_FALSE(hours.Contains(Utc(20, 0, 30)));
}

TEST(WeekHoursTest, DaysAreThoseOfTheZone) {
  const WeekHours hours{.days = kFriday, .zone = absl::FixedTimeZone(8 * 60 * 60)};
  EXPECT_TRUE(hours.Contains(Utc(19, 16))) << "Friday has begun in China";
  EXPECT_FALSE(hours.Contains(Utc(20, 16)));
}

TEST(WeekHoursTest, OnlyOnItsDays) {
  const WeekHours hours{.days = kWorkdays, .from_minute = 9 * 60, .to_minute = 17 * 60};
  EXPECT_TRUE(hours.Contains(Utc(20, 10)));
  EXPECT_FALSE(hours.Contains(Utc(21, 10)));
  EXPECT_FALSE(hours.Contains(Utc(22, 10)));
  EXPECT_TRUE(hours.Contains(Utc(23, 10)));
}

TEST(WeekHoursTest, HoursThroughMidnightBelongToTheDayOnWhichTheyBegin) {
  const WeekHours hours{.days = kFriday, .from_minute = 22 * 60, .to_minute = 6 * 60};
  EXPECT_FALSE(hours.Contains(Utc(20, 5))) << "of Thursday's night";
  EXPECT_TRUE(hours.Contains(Utc(20, 22)));
  EXPECT_TRUE(hours.Contains(Utc(21, 5, 59)));
  EXPECT_FALSE(hours.Contains(Utc(21, 6)));
  EXPECT_FALSE(hours.Contains(Utc(21, 22)));
}

TEST(WeekHoursTest, FromAnHourToItselfIsADay) {
  const WeekHours hours{.days = kFriday, .from_minute = 6 * 60, .to_minute = 6 * 60};
  EXPECT_FALSE(hours.Contains(Utc(20, 5)));
  EXPECT_TRUE(hours.Contains(Utc(20, 6)));
  EXPECT_TRUE(hours.Contains(Utc(21, 5)));
  EXPECT_FALSE(hours.Contains(Utc(21, 6)));
}

TEST(WeekHoursTest, HoursThatClocksSkipAreNone) {
  const absl::TimeZone berlin = Zone("Europe/Berlin");
  const WeekHours hours = WeekHours::Daily(2 * 60, 3 * 60, berlin);
  const absl::Time midnight = absl::FromCivil(absl::CivilDay(2026, 3, 29), berlin);
  for (int minute = 0; minute < 6 * 60; ++minute) {
    EXPECT_FALSE(hours.Contains(midnight + absl::Minutes(minute))) << minute;
  }
}

TEST(WeekHoursTest, HoursThatClocksShowTwiceAreTwo) {
  const absl::TimeZone berlin = Zone("Europe/Berlin");
  const WeekHours hours = WeekHours::Daily(2 * 60, 3 * 60, berlin);
  const absl::Time midnight = absl::FromCivil(absl::CivilDay(2026, 10, 25), berlin);
  EXPECT_TRUE(hours.Contains(midnight + absl::Minutes(2 * 60 + 30)));
  EXPECT_TRUE(hours.Contains(midnight + absl::Minutes(3 * 60 + 30)));
  EXPECT_FALSE(hours.Contains(midnight + absl::Minutes(4 * 60)));
}

// Half an hour of daylight saving, an hour of it, and none.
class NextChangeTest : public ::testing::TestWithParam<std::tuple<const char*, int, int>> {};

TEST_P(NextChangeTest, NothingChangesBeforeIt) {
  const auto [name, from, to] = GetParam();
  const absl::TimeZone zone = Zone(name);
  const WeekHours hours{.days = kWorkdays, .from_minute = from, .to_minute = to, .zone = zone};
  // The days around the changes of the clocks, minute by minute.
  for (const absl::CivilDay day : {absl::CivilDay(2026, 3, 27), absl::CivilDay(2026, 4, 3),
                                   absl::CivilDay(2026, 10, 2), absl::CivilDay(2026, 10, 23)}) {
    const absl::Time begin = absl::FromCivil(day, zone);
    absl::Time next = begin;
    bool contained = false;
    for (absl::Time at = begin; at < begin + absl::Hours(4 * 24); at += absl::Minutes(1)) {
      if (at >= next) {
        contained = hours.Contains(at);
        next = hours.NextChange(at);
        ASSERT_GT(next, at);
        ASSERT_LE(next, at + absl::Hours(25));
      }
      ASSERT_EQ(hours.Contains(at), contained) << absl::FormatTime(at, zone);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Hours, NextChangeTest,
                         ::testing::Combine(::testing::Values("Europe/Berlin", "UTC",
                                                              "Australia/Lord_Howe"),
                                            ::testing::Values(0, 105, 135, 150, 23 * 60),
                                            ::testing::Values(60, 110, 150, 180, 24 * 60)));

}  // namespace
}  // namespace zbroker::core
