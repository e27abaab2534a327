#include "client/zctl/format.h"

#include <gtest/gtest.h>

#include "tests/unit/zctl/message.h"

namespace zbroker::zctl {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(kNoon);
const absl::TimeZone kUtc = absl::UTCTimeZone();

TEST(FormatInstantTest, TodayHasNoDate) {
  EXPECT_EQ(FormatInstant(kNow + absl::Hours(2), kNow, kUtc), "14:00:00");
}

TEST(FormatInstantTest, AnotherDayHasItsDate) {
  EXPECT_EQ(FormatInstant(kNow + absl::Hours(13), kNow, kUtc), "Nov 23 01:00:00");
}

TEST(FormatInstantTest, AnotherYearHasItsYear) {
  EXPECT_EQ(FormatInstant(kNow + absl::Hours(24 * 41), kNow, kUtc), "2027-01-02 12:00:00");
}

TEST(FormatInstantTest, IsInTheGivenZone) {
  const absl::TimeZone shanghai = absl::FixedTimeZone(8 * 3600);
  EXPECT_EQ(FormatInstant(kNow, kNow, shanghai), "20:00:00");
}

TEST(FormatInstantTest, TodayEndsAtLocalMidnight) {
  const absl::TimeZone shanghai = absl::FixedTimeZone(8 * 3600);
  EXPECT_EQ(FormatInstant(kNow + absl::Hours(5), kNow, shanghai), "Nov 23 01:00:00");
}

TEST(FormatUntilTest, SaysHowFarOff) {
  EXPECT_EQ(FormatUntil(kNow + absl::Minutes(111), kNow, kUtc), "13:51:00 (1h51m)");
}

TEST(FormatUntilTest, FarOffIsTheInstantAlone) {
  EXPECT_EQ(FormatUntil(kNow + absl::Hours(20), kNow, kUtc), "Nov 23 08:00:00");
}

TEST(FormatUntilTest, PastIsTheInstantAlone) {
  EXPECT_EQ(FormatUntil(kNow - absl::Minutes(1), kNow, kUtc), "11:59:00");
}

TEST(FormatAboutTest, HasNoSeconds) {
  EXPECT_EQ(FormatAbout(kNow + absl::Seconds(8430), kNow, kUtc), "~14:20");
}

TEST(FormatAboutTest, AnotherDayHasItsDate) {
  EXPECT_EQ(FormatAbout(kNow + absl::Hours(13), kNow, kUtc), "~Nov 23 01:00");
}

TEST(FormatNumberTest, WholeNumbersHaveNoFraction) { EXPECT_EQ(FormatNumber(3812), "3812"); }

TEST(FormatNumberTest, FractionsHaveAtMostTwoDigits) {
  EXPECT_EQ(FormatNumber(12.5), "12.5");
  EXPECT_EQ(FormatNumber(0.333), "0.33");
}

TEST(FormatNumberTest, LargeNumbersHaveAllDigits) {
  EXPECT_EQ(FormatNumber(123456789), "123456789");
}

TEST(HolderNameTest, HiddenProgramIsItsUser) {
  EXPECT_EQ(HolderName(Parse<v1::Holder>("uid: 1001")), "user 1001");
}

TEST(HolderNameTest, ControlCharactersAreEscaped) {
  EXPECT_EQ(HolderName(Parse<v1::Holder>("program: 'a\\033[31m'")), "a\\x1b[31m");
}

}  // namespace
}  // namespace zbroker::zctl
