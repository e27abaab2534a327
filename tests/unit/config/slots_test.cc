// An account's slots, and the hours at which the provider's limit is known to be lower.
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "tests/unit/config/parse.h"

namespace zbroker::config {
namespace {

using core::SlotsConfig;
using core::WeekHours;

SlotsConfig ParseSlots(absl::string_view lines) {
  return Parse(absl::StrCat("[account.a.slots]\n", lines)).accounts.at(0).slots;
}

std::string SlotsError(absl::string_view lines) {
  return ErrorOf(absl::StrCat("[account.a.slots]\n", lines));
}

TEST(SlotsTest, EveryKeyIsTaken) {
  const SlotsConfig expected = {.limit = 5,
                                .learn = false,
                                .min = 2,
                                .max = 9,
                                .reserve_interactive = 1,
                                .reserve_outside = 2,
                                .per_session = 4,
                                .per_tree = 20};
  EXPECT_EQ(
      ParseSlots("limit = 5\nlearn = false\nmin = 2\nmax = 9\n"
                 "reserve_interactive = 1\nreserve_outside = 2\nper_session = 4\nper_tree = 20\n"),
      expected);
}

TEST(SlotsTest, HasTheDefaultsWhereItSaysNothing) { EXPECT_EQ(ParseSlots(""), SlotsConfig()); }

TEST(SlotsTest, ALimitAboveTheDefaultMaxRaisesIt) {
  EXPECT_EQ(ParseSlots("limit = 40\n").max, 40);
  EXPECT_EQ(ParseSlots("min = 20\n").max, 20);
}

TEST(SlotsTest, TheDefaultLimitGivesWayToBounds) {
  EXPECT_EQ(ParseSlots("min = 5\n").limit, 5);
  EXPECT_EQ(ParseSlots("max = 2\n").limit, 2);
  EXPECT_EQ(ParseSlots("max = 2\n").min, 1);
}

TEST(SlotsTest, ALimitBelowMinIsRefused) {
  EXPECT_EQ(SlotsError("limit = 2\nmin = 3\n"),
            "zb.toml:3: account.a.slots.min: 3 is above limit, 2; expected min ≤ limit ≤ max");
}

TEST(SlotsTest, ALimitAboveMaxIsRefused) {
  EXPECT_EQ(SlotsError("max = 3\nlimit = 4\n"),
            "zb.toml:3: account.a.slots.limit: 4 is above max, 3; expected min ≤ limit ≤ max");
}

TEST(SlotsTest, MinAboveMaxIsRefused) {
  EXPECT_EQ(SlotsError("max = 3\nmin = 4\n"),
            "zb.toml:3: account.a.slots.min: 4 is above max, 3; expected min ≤ limit ≤ max");
}

TEST(SlotsTest, MinBelowOneIsRefused) {
  EXPECT_EQ(SlotsError("min = 0\n"),
            "zb.toml:2: account.a.slots.min: found 0; expected an integer from 1 to 1000");
}

TEST(SlotsTest, MaxBeyondTheLargestIsRefused) {
  EXPECT_EQ(SlotsError("max = 1001\n"),
            "zb.toml:2: account.a.slots.max: found 1001; expected an integer from 1 to 1000");
}

TEST(SlotsTest, LearnIsTrueOrFalse) {
  EXPECT_EQ(SlotsError("learn = \"yes\"\n"),
            "zb.toml:2: account.a.slots.learn: found \"yes\"; expected true or false");
}

TEST(SlotsTest, ReservingAllIsRefused) {
  EXPECT_EQ(SlotsError("max = 4\nreserve_interactive = 4\n"),
            "zb.toml:3: account.a.slots.reserve_interactive: 4 leaves none of max, 4, to others; "
            "expected less");
}

TEST(SlotsTest, ReservingFewerThanNoneIsRefused) {
  EXPECT_EQ(SlotsError("reserve_interactive = -1\n"),
            "zb.toml:2: account.a.slots.reserve_interactive: found -1; "
            "expected an integer from 0 to 999");
}

TEST(SlotsTest, PerSessionBelowZeroIsRefused) {
  EXPECT_EQ(SlotsError("per_session = -1\n"),
            "zb.toml:2: account.a.slots.per_session: found -1; expected an integer from 0 to 1000");
}

TEST(PeakTest, EveryKeyIsTaken) {
  const WeekHours peak =
      Parse("[account.a.peak]\ndays = \"mon-fri\"\nhours = \"9:00-17:00\"\ntz = \"UTC\"\n")
          .accounts.at(0)
          .peak;
  EXPECT_EQ(peak, (WeekHours{.days = {true, true, true, true, true, false, false},
                             .from_minute = 9 * 60,
                             .to_minute = 17 * 60}));
}

TEST(PeakTest, KeepsTheDefaultsOfWhatIsAbsent) {
  WeekHours expected = core::AccountConfig().peak;
  EXPECT_EQ(Parse("[account.a.peak]\n").accounts.at(0).peak, expected);
  expected.days = {false, false, false, false, false, true, true};
  EXPECT_EQ(Parse("[account.a.peak]\ndays = [\"sat\", \"sun\"]\n").accounts.at(0).peak, expected);
}

TEST(PeakTest, DaysThatAreNoneAreRefused) {
  EXPECT_EQ(ErrorOf("[account.a.peak]\ndays = [\"monday\"]\n"),
            "zb.toml:2: account.a.peak.days: found an array; expected days of the week, such as "
            "\"mon-fri\" or [\"sat\", \"sun\"]");
}

TEST(PeakTest, HoursThatAreNoneAreRefused) {
  EXPECT_EQ(ErrorOf("[account.a.peak]\nhours = \"9-17\"\n"),
            "zb.toml:2: account.a.peak.hours: found \"9-17\"; expected hours of the day, such as "
            "\"15:00-18:00\"");
}

TEST(PeakTest, AZoneThatTheMachineDoesNotKnowIsRefused) {
  EXPECT_EQ(ErrorOf("[account.a.peak]\ntz = \"Asia/Atlantis\"\n"),
            "zb.toml:2: account.a.peak.tz: found \"Asia/Atlantis\"; expected a time zone that this "
            "machine knows, such as \"UTC+8\", \"+08:00\" or \"Asia/Shanghai\"");
}

}  // namespace
}  // namespace zbroker::config
