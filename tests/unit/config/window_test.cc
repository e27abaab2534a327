// An account's windows.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "tests/unit/config/parse.h"

namespace zbroker::config {
namespace {

using core::Amount;
using core::BrokerConfig;
using core::Enforce;
using core::Unit;
using core::WindowConfig;

WindowConfig ParseWindow(absl::string_view lines) {
  return Parse(WithWindow(lines)).accounts.at(0).windows.at(0);
}

// What an account without windows has.
std::vector<WindowConfig> DefaultWindows() {
  return BrokerConfig::Defaults().accounts.at(0).windows;
}

TEST(WindowTest, EveryKeyIsTaken) {
  const BrokerConfig config = Parse(
      "[[account.a.window]]\n"
      "name = \"week\"\n"
      "unit = \"mcp_calls\"\n"
      "length = \"7d\"\n"
      "limit = 1000\n"
      "kind = \"anchored\"\n"
      "enforce = \"probe\"\n"
      "anchor = 2026-11-20T09:30:00\n"
      "tz = \"UTC\"\n"
      "models = [\"glm-5*\", \"*-air\"]\n");
  const WindowConfig expected = {.name = "week",
                                 .unit = Unit::kMcpCalls,
                                 .length = absl::Hours(24 * 7),
                                 .limit = *Amount::FromDouble(1000),
                                 .enforce = Enforce::kProbe,
                                 .kind = core::WindowKind::kAnchored,
                                 .anchor = absl::CivilSecond(2026, 11, 20, 9, 30),
                                 .models = {"glm-5*", "*-air"}};
  ASSERT_EQ(config.accounts.at(0).windows.size(), 1u);
  EXPECT_EQ(config.accounts[0].windows[0], expected);
}

TEST(WindowTest, CountsPromptsAndIsHardByDefault) {
  const WindowConfig window = ParseWindow("limit = 1\n");
  EXPECT_EQ(window.unit, Unit::kPrompts);
  EXPECT_EQ(window.enforce, Enforce::kHard);
}

TEST(WindowTest, WindowsKeepTheirOrder) {
  const BrokerConfig config = Parse(
      "[[account.a.window]]\nname = \"w\"\nlength = \"7d\"\nlimit = 9\n"
      "[[account.a.window]]\nname = \"5h\"\nlength = \"5h\"\nlimit = 3\n");
  ASSERT_EQ(config.accounts.at(0).windows.size(), 2u);
  EXPECT_EQ(config.accounts[0].windows[0].name, "w");
  EXPECT_EQ(config.accounts[0].windows[1].name, "5h");
}

TEST(WindowTest, MayBeAnInlineTable) {
  const BrokerConfig config =
      Parse("[account.a]\nwindow = [{name = \"w\", length = \"1h\", limit = 2}]\n");
  EXPECT_EQ(config.accounts.at(0).windows.at(0).name, "w");
}

TEST(WindowTest, LimitMayBeAFraction) {
  EXPECT_EQ(ParseWindow("limit = 0.4\n").limit, Amount::FromMicros(400'000));
}

TEST(WindowTest, OffNeedsNoLimit) { EXPECT_EQ(ParseWindow("enforce = \"off\"\n").limit, Amount()); }

TEST(WindowTest, OffMayHaveALimit) {
  EXPECT_EQ(ParseWindow("enforce = \"off\"\nlimit = 600\n").limit, *Amount::FromDouble(600));
}

TEST(WindowTest, LengthBoundsAreTaken) {
  const BrokerConfig config = Parse(
      "[[account.a.window]]\nname = \"short\"\nlength = \"1s\"\nlimit = 1\n"
      "[[account.a.window]]\nname = \"long\"\nlength = \"366d\"\nlimit = 1\n");
  EXPECT_EQ(config.accounts.at(0).windows.at(0).length, absl::Seconds(1));
  EXPECT_EQ(config.accounts.at(0).windows.at(1).length, absl::Hours(24 * 366));
}

TEST(WindowTest, AnEmptyArrayGivesTheDefaultWindow) {
  EXPECT_EQ(Parse("[account.a]\nwindow = []\n").accounts.at(0).windows, DefaultWindows());
}

TEST(WindowTest, NameIsRequired) {
  EXPECT_EQ(
      ErrorOf("\n[[account.a.window]]\nlength = \"5h\"\nlimit = 1\n"),
      absl::StrCat("zb.toml:2: account.a.window.name: missing; expected a name: ", kNameRule));
}

TEST(WindowTest, LengthIsRequired) {
  EXPECT_EQ(ErrorOf("\n[[account.a.window]]\nname = \"w\"\nlimit = 1\n"),
            "zb.toml:2: account.a.window.length: missing; "
            "expected a duration from \"1s\" to \"366d\", or \"1 month\" to \"12 months\"");
}

TEST(WindowTest, LengthBelowASecondIsRefused) {
  EXPECT_EQ(ErrorOf("[[account.a.window]]\nname = \"w\"\nlength = \"999ms\"\nlimit = 1\n"),
            "zb.toml:3: account.a.window.length: found \"999ms\"; "
            "expected a duration from \"1s\" to \"366d\", or \"1 month\" to \"12 months\"");
}

TEST(WindowTest, HardNeedsALimit) {
  EXPECT_EQ(ErrorOf(WithWindow("unit = \"calls\"\n")),
            "zb.toml:1: account.a.window.limit: missing; "
            "expected a number above 0, or enforce = \"off\"");
}

TEST(WindowTest, HardRefusesALimitOfZero) {
  EXPECT_EQ(ErrorOf(WithWindow("limit = 0\n")),
            "zb.toml:4: account.a.window.limit: zero; "
            "expected a number above 0, or enforce = \"off\"");
}

TEST(WindowTest, HardRefusesALimitThatRoundsToZero) {
  EXPECT_EQ(ErrorOf(WithWindow("limit = 1e-7\n")),
            "zb.toml:4: account.a.window.limit: zero; "
            "expected a number above 0, or enforce = \"off\"");
}

TEST(WindowTest, AMisspeltEnforceIsNotTakenForAMissingLimit) {
  EXPECT_EQ(ErrorOf(WithWindow("enforce = \"none\"\n")),
            "zb.toml:4: account.a.window.enforce: found \"none\"; expected \"hard\", \"probe\" or "
            "\"off\"");
}

TEST(WindowTest, NegativeLimitIsRefused) {
  EXPECT_EQ(ErrorOf(WithWindow("limit = -1\n")),
            "zb.toml:4: account.a.window.limit: found -1; expected a number from 0 to 1000000000");
}

TEST(WindowTest, NotANumberIsRefused) {
  EXPECT_EQ(ErrorOf(WithWindow("limit = nan\n")),
            "zb.toml:4: account.a.window.limit: found nan; expected a number from 0 to 1000000000");
}

TEST(WindowTest, InfiniteLimitIsRefused) {
  EXPECT_EQ(ErrorOf(WithWindow("limit = +inf\n")),
            "zb.toml:4: account.a.window.limit: found inf; expected a number from 0 to 1000000000");
}

TEST(WindowTest, LimitBeyondTheLargestAmountIsRefused) {
  EXPECT_EQ(ErrorOf(WithWindow("limit = 1000000001\n")),
            "zb.toml:4: account.a.window.limit: found 1000000001; "
            "expected a number from 0 to 1000000000");
}

TEST(WindowTest, UnknownUnitIsRefused) {
  EXPECT_EQ(ErrorOf(WithWindow("unit = \"euros\"\n")),
            "zb.toml:4: account.a.window.unit: found \"euros\"; "
            "expected \"prompts\", \"calls\", \"mcp_calls\", \"tokens\" or \"credits\"");
}

TEST(WindowTest, CreditsThatNothingCostsAreRefused) {
  EXPECT_EQ(ErrorOf(WithWindow("unit = \"credits\"\nlimit = 1\n")),
            "zb.toml:1: account.a.window: a window counts credits, and nothing costs any; "
            "expected rates, [[account.a.rate]]");
}

TEST(WindowTest, UnknownKindIsRefused) {
  EXPECT_EQ(ErrorOf(WithWindow("kind = \"fixed\"\nanchor = 2026-11-20\nlimit = 1\n")),
            "zb.toml:4: account.a.window.kind: found \"fixed\"; "
            "expected \"rolling\" or \"anchored\"");
}

TEST(WindowTest, AnAnchoredOneIsOfTheProvidersZone) {
  const WindowConfig window = ParseWindow("kind = \"anchored\"\nanchor = 2026-11-20\nlimit = 1\n");
  EXPECT_EQ(window.kind, core::WindowKind::kAnchored);
  EXPECT_EQ(window.anchor, absl::CivilSecond(2026, 11, 20));
  EXPECT_EQ(window.zone, absl::FixedTimeZone(8 * 60 * 60));
}

TEST(WindowTest, AnAnchorMayHaveATimeAndAZone) {
  const WindowConfig window = ParseWindow(
      "kind = \"anchored\"\nanchor = 2026-11-20T09:30:15.5\ntz = \"UTC-3\"\nlimit = 1\n");
  EXPECT_EQ(window.anchor, absl::CivilSecond(2026, 11, 20, 9, 30, 15));
  EXPECT_EQ(window.zone, absl::FixedTimeZone(-3 * 60 * 60));
}

TEST(WindowTest, AnAnchorWithAnOffsetIsOfThatZone) {
  const WindowConfig window =
      ParseWindow("kind = \"anchored\"\nanchor = 2026-11-20T09:30:00+02:00\nlimit = 1\n");
  EXPECT_EQ(window.anchor, absl::CivilSecond(2026, 11, 20, 9, 30));
  EXPECT_EQ(window.zone, absl::FixedTimeZone(2 * 60 * 60));
}

TEST(WindowTest, AnAnchorWithAnOffsetIsConvertedToAZoneThatIsGiven) {
  const WindowConfig window = ParseWindow(
      "kind = \"anchored\"\nanchor = 2026-11-20T20:30:00Z\ntz = \"+08:00\"\nlimit = 1\n");
  EXPECT_EQ(window.anchor, absl::CivilSecond(2026, 11, 21, 4, 30));
  EXPECT_EQ(window.zone, absl::FixedTimeZone(8 * 60 * 60));
}

TEST(WindowTest, AnAnchorThatIsNoDateIsRefused) {
  EXPECT_EQ(ErrorOf(WithWindow("anchor = \"2026-11-20\"\nkind = \"anchored\"\nlimit = 1\n")),
            "zb.toml:4: account.a.window.anchor: found \"2026-11-20\"; "
            "expected a date without quotes, such as 2026-11-20 or "
            "2026-11-20T09:30:00, of a year from 2000 to 2199");
}

TEST(WindowTest, AnAnchorOfAnotherCenturyIsRefused) {
  EXPECT_EQ(ErrorOf(WithWindow("anchor = 1999-12-31\nkind = \"anchored\"\nlimit = 1\n")),
            "zb.toml:4: account.a.window.anchor: found a date or time; "
            "expected a date without quotes, such as 2026-11-20 or "
            "2026-11-20T09:30:00, of a year from 2000 to 2199");
}

TEST(WindowTest, ARollingOneHasNoAnchor) {
  EXPECT_EQ(ErrorOf(WithWindow("anchor = 2026-11-20\nlimit = 1\n")),
            "zb.toml:4: account.a.window.anchor: a rolling window has no resets; "
            "expected kind = \"anchored\"");
}

TEST(WindowTest, ARollingOneHasNoZone) {
  EXPECT_EQ(ErrorOf(WithWindow("tz = \"UTC\"\nlimit = 1\n")),
            "zb.toml:4: account.a.window.tz: a rolling window has no resets; "
            "expected kind = \"anchored\"");
}

TEST(WindowTest, LengthMayBeMonths) {
  for (const auto& [text, months] : {std::pair("month", 1), {"1 month", 1}, {"12 months", 12}}) {
    const WindowConfig window =
        Parse(absl::StrCat("[[account.a.window]]\nname = \"m\"\nlength = \"", text,
                           "\"\nkind = \"anchored\"\nlimit = 1\n"))
            .accounts.at(0)
            .windows.at(0);
    EXPECT_EQ(window.months, months) << text;
    EXPECT_EQ(window.length, absl::ZeroDuration()) << text;
  }
}

TEST(WindowTest, OtherNumbersOfMonthsAreRefused) {
  for (const char* text : {"0 months", "13 months", "-1 months", "months", "1.5 months"}) {
    EXPECT_EQ(ErrorOf(absl::StrCat("[[account.a.window]]\nname = \"m\"\nlength = \"", text,
                                   "\"\nkind = \"anchored\"\nlimit = 1\n")),
              absl::StrCat("zb.toml:3: account.a.window.length: found \"", text,
                           "\"; expected a duration from \"1s\" to \"366d\", "
                           "or \"1 month\" to \"12 months\""));
  }
}

TEST(WindowTest, MonthsDoNotRoll) {
  EXPECT_EQ(
      ErrorOf("[[account.a.window]]\nname = \"m\"\nlength = \"month\"\nlimit = 1\n"),
      "zb.toml:3: account.a.window.length: months differ in length; expected kind = \"anchored\"");
}

TEST(WindowTest, SecondWindowOfANameIsRefusedWithBothLines) {
  EXPECT_EQ(ErrorOf("[account.a]\n"
                    "[[account.a.window]]\nname = \"5h\"\nlength = \"5h\"\nlimit = 3\n"
                    "[[account.a.window]]\nlength = \"7d\"\nname = \"5h\"\nlimit = 9\n"),
            "zb.toml:8: account.a.window.name: \"5h\" is also the window on line 3; "
            "expected a name of its own");
}

TEST(WindowTest, AccountsMayHaveWindowsOfOneName) {
  const BrokerConfig config = Parse(
      "[[account.default.window]]\nname = \"5h\"\nlength = \"5h\"\nlimit = 3\n"
      "[[account.b.window]]\nname = \"5h\"\nlength = \"5h\"\nlimit = 3\n");
  EXPECT_EQ(config.accounts.at(0).windows, config.accounts.at(1).windows);
}

TEST(WindowTest, SixteenAreTaken) {
  std::string text;
  for (int i = 1; i <= 16; ++i) {
    absl::StrAppend(&text, "[[account.a.window]]\nname=\"w", i, "\"\nlength=\"1h\"\nlimit=1\n");
  }
  EXPECT_EQ(Parse(text).accounts.at(0).windows.size(), 16u);
}

TEST(WindowTest, TheSeventeenthIsRefused) {
  std::string text;
  for (int i = 1; i <= 17; ++i) {
    absl::StrAppend(&text, "[[account.a.window]]\nname=\"w", i, "\"\nlength=\"1h\"\nlimit=1\n");
  }
  EXPECT_EQ(ErrorOf(text),
            "zb.toml:65: account.a.window: one window too many; expected at most 16");
}

}  // namespace
}  // namespace zbroker::config
