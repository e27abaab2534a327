#include "daemon/config/hours.h"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string>
#include <utility>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace zbroker::config {
namespace {

using Days = std::array<bool, 7>;

TEST(ParseDaysTest, OneDay) {
  EXPECT_EQ(ParseDays({"wed"}), Days({false, false, true, false, false, false, false}));
}

TEST(ParseDaysTest, ARange) {
  EXPECT_EQ(ParseDays({"mon-fri"}), Days({true, true, true, true, true, false, false}));
}

TEST(ParseDaysTest, ARangeThroughTheEndOfTheWeek) {
  EXPECT_EQ(ParseDays({"sat-mon"}), Days({true, false, false, false, false, true, true}));
}

TEST(ParseDaysTest, AList) {
  EXPECT_EQ(ParseDays({"mon", "wed-thu", "sun"}),
            Days({true, false, true, true, false, false, true}));
}

TEST(ParseDaysTest, AnythingElseIsNone) {
  for (const char* word : {"", "monday", "Mon", "mon-", "-fri", "mon-wed-fri", "mon,fri", "1"}) {
    EXPECT_EQ(ParseDays({word}), std::nullopt) << word;
  }
  EXPECT_EQ(ParseDays({}), std::nullopt);
  EXPECT_EQ(ParseDays(std::vector<std::string>(8, "mon")), std::nullopt);
}

TEST(ParseHoursTest, AnHourToAnother) {
  EXPECT_EQ(ParseHours("15:00-18:30"), std::pair(15 * 60, 18 * 60 + 30));
  EXPECT_EQ(ParseHours("9:05-17:00"), std::pair(9 * 60 + 5, 17 * 60));
  EXPECT_EQ(ParseHours("22:00-06:00"), std::pair(22 * 60, 6 * 60));
}

TEST(ParseHoursTest, MidnightEndsADay) {
  EXPECT_EQ(ParseHours("00:00-24:00"), std::pair(0, 24 * 60));
  EXPECT_EQ(ParseHours("18:00-00:00"), std::pair(18 * 60, 24 * 60));
}

TEST(ParseHoursTest, AnythingElseIsNone) {
  for (const char* text : {"", "15-18", "15:00", "15:00-", "-18:00", "24:00-06:00", "15:60-18:00",
                           "25:00-26:00", "15:00-24:01", "15:0-18:00", "15:00 - 18:00",
                           "+5:00-6:00", "15:00-18:00-19:00", "015:00-18:00", "15:00-18:00\n"}) {
    EXPECT_EQ(ParseHours(text), std::nullopt) << text;
  }
}

TEST(ParseZoneTest, Offsets) {
  const auto fixed = [](int minutes) { return absl::FixedTimeZone(minutes * 60); };
  EXPECT_EQ(ParseZone("UTC"), absl::UTCTimeZone());
  EXPECT_EQ(ParseZone("UTC+8"), fixed(8 * 60));
  EXPECT_EQ(ParseZone("+08:00"), fixed(8 * 60));
  EXPECT_EQ(ParseZone("UTC-03:30"), fixed(-3 * 60 - 30));
  EXPECT_EQ(ParseZone("-14"), fixed(-14 * 60));
}

TEST(ParseZoneTest, NamesOfTheMachine) {
  const std::optional<absl::TimeZone> berlin = ParseZone("Europe/Berlin");
  ASSERT_TRUE(berlin.has_value());
  EXPECT_EQ(absl::FromCivil(absl::CivilDay(2026, 7, 1), *berlin),
            absl::FromCivil(absl::CivilHour(2026, 6, 30, 22), absl::UTCTimeZone()));
}

TEST(ParseZoneTest, AnythingElseIsNone) {
  for (const char* text : {"", "Asia/Atlantis", "utc+8", "UTC+", "UTC8", "+15", "+14:30", "+8:60",
                           "++8", "8", "/etc/localtime", "../zoneinfo/UTC", "file:UTC", "UTC+8 "}) {
    EXPECT_EQ(ParseZone(text), std::nullopt) << text;
  }
  EXPECT_EQ(ParseZone(std::string(65, 'A')), std::nullopt);
}

}  // namespace
}  // namespace zbroker::config
