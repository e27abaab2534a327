#include "client/base/duration.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/testing/status_matchers.h"

namespace zbroker {
namespace {

using testing::Fails;
using testing::HasCode;
using ::testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

absl::Duration Parsed(absl::string_view text) {
  const auto length = ParseDuration(text);
  EXPECT_OK(length) << text;
  return length.value_or(-absl::InfiniteDuration());
}

// Qualified, since Abseil has a function of that name too.
std::string Shown(absl::Duration length) { return zbroker::FormatDuration(length); }

TEST(ParseDurationTest, KnowsEveryUnit) {
  EXPECT_EQ(Parsed("250ms"), absl::Milliseconds(250));
  EXPECT_EQ(Parsed("90s"), absl::Seconds(90));
  EXPECT_EQ(Parsed("5m"), absl::Minutes(5));
  EXPECT_EQ(Parsed("5h"), absl::Hours(5));
  EXPECT_EQ(Parsed("7d"), absl::Hours(7 * 24));
  EXPECT_EQ(Parsed("2w"), absl::Hours(2 * 7 * 24));
}

TEST(ParseDurationTest, AddsUnitsUp) {
  EXPECT_EQ(Parsed("1h30m"), absl::Minutes(90));
  EXPECT_EQ(Parsed("1w2d3h4m"), absl::Hours(9 * 24 + 3) + absl::Minutes(4));
}

TEST(ParseDurationTest, TakesFractionsOfTheUnitsBelowADay) {
  EXPECT_EQ(Parsed("1.5h"), absl::Minutes(90));
  EXPECT_THAT(ParseDuration("1.5d"), HasCode(kInvalid));
}

TEST(ParseDurationTest, ZeroNeedsNoUnit) {
  EXPECT_EQ(Parsed("0"), absl::ZeroDuration());
  EXPECT_EQ(Parsed("0s"), absl::ZeroDuration());
}

TEST(ParseDurationTest, RefusesWhatIsNoLengthOfTime) {
  for (const char* text : {"", " ", "5", "five", "5x", "d", "5 h", " 5h", "5h ", "d5", "3d2w",
                           "5h3d", "1d1d", "0x10s"}) {
    EXPECT_THAT(ParseDuration(text), HasCode(kInvalid)) << '"' << text << '"';
  }
}

TEST(ParseDurationTest, RefusesSignsAnywhere) {
  for (const char* text : {"-5s", "+5s", "-0", "1d-5h", "1d+5h", "-1d"}) {
    EXPECT_THAT(ParseDuration(text), HasCode(kInvalid)) << text;
  }
}

TEST(ParseDurationTest, TenYearsAreTheLongest) {
  EXPECT_EQ(Parsed("3650d"), absl::Hours(24 * 3650));
  EXPECT_THAT(ParseDuration("3650d1ms"), HasCode(kInvalid));
  EXPECT_THAT(ParseDuration("99999999w"), HasCode(kInvalid));
  EXPECT_THAT(ParseDuration("999999999999999999h"), HasCode(kInvalid));
  EXPECT_THAT(ParseDuration("inf"), HasCode(kInvalid));
}

TEST(ParseDurationTest, ErrorQuotesTheTextAndShowsHowToWriteIt) {
  EXPECT_THAT(ParseDuration("soon"),
              Fails(kInvalid, HasSubstr("\"soon\" is not a length of time")));
  EXPECT_THAT(ParseDuration("soon"), Fails(kInvalid, HasSubstr("30s")));
}

TEST(ParseDurationTest, ErrorIsShortHoweverLongTheText) {
  EXPECT_LT(ParseDuration(std::string(10'000, '1')).status().message().size(), 200);
}

TEST(FormatDurationTest, ShowsTheTwoMostSignificantUnits) {
  EXPECT_EQ(Shown(absl::Milliseconds(850)), "850ms");
  EXPECT_EQ(Shown(absl::Milliseconds(4200)), "4.2s");
  EXPECT_EQ(Shown(absl::Seconds(59)), "59s");
  EXPECT_EQ(Shown(absl::Seconds(192)), "3m12s");
  EXPECT_EQ(Shown(absl::Hours(5) + absl::Seconds(59)), "5h");
  EXPECT_EQ(Shown(absl::Hours(51) + absl::Minutes(59)), "2d3h");
}

TEST(FormatDurationTest, CutsRatherThanRounds) {
  EXPECT_EQ(Shown(absl::Microseconds(999'999)), "999ms");
  EXPECT_EQ(Shown(absl::Microseconds(9'999'999)), "9.9s");
  EXPECT_EQ(Shown(absl::Milliseconds(59'999)), "59s");
}

TEST(FormatDurationTest, NegativeLengthsReadAsZero) {
  EXPECT_EQ(Shown(absl::ZeroDuration()), "0s");
  EXPECT_EQ(Shown(-absl::Hours(1)), "0s");
  EXPECT_EQ(Shown(-absl::InfiniteDuration()), "0s");
}

TEST(FormatDurationTest, AnEndlessLengthHasWords) {
  EXPECT_EQ(Shown(absl::InfiniteDuration()), "for ever");
}

}  // namespace
}  // namespace zbroker
