#include "shims/zai/reset_time.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace zbroker::zai {
namespace {

absl::Time At(absl::string_view rfc3339) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, std::string(rfc3339), &time, &error)) << error;
  return time;
}

TEST(StatedTimeTest, WithoutZoneIsTheProvidersClock) {
  EXPECT_EQ(FindStatedTime("Your limit will reset at 2026-09-21 18:55:29"),
            At("2026-09-21T18:55:29+08:00"));
  EXPECT_EQ(FindStatedTime("您的限额将在 2026-09-21 18:55:29 重置。"),
            At("2026-09-21T18:55:29+08:00"));
  EXPECT_EQ(FindStatedTime("2026-09-21T18:55:29"), At("2026-09-21T18:55:29+08:00"));
}

TEST(StatedTimeTest, ZoneIsBelieved) {
  for (const absl::string_view zone :
       {"Z", "+00:00", "+0000", "+00", " UTC", "UTC", " GMT", ".123Z", " (UTC)", " +0000"}) {
    EXPECT_EQ(FindStatedTime(absl::StrCat("2026-09-21T18:55:29", zone)),
              At("2026-09-21T18:55:29+00:00"))
        << zone;
  }
  EXPECT_EQ(FindStatedTime("2026-09-21 18:55:29 (UTC+8)"), At("2026-09-21T18:55:29+08:00"));
  EXPECT_EQ(FindStatedTime("2026-09-21 18:55:29-05:30"), At("2026-09-21T18:55:29-05:30"));
}

TEST(StatedTimeTest, WhatFollowsIsNoZone) {
  for (const absl::string_view rest :
       {" - please wait", " -12 requests", " +", ", Zed", "+99:00"}) {
    EXPECT_EQ(FindStatedTime(absl::StrCat("2026-09-21 18:55:29", rest)),
              At("2026-09-21T18:55:29+08:00"))
        << rest;
  }
}

TEST(StatedTimeTest, ImpossibleTimesAreNone) {
  for (const absl::string_view text :
       {"", "2026-09-21", "2026-13-21 18:55:29", "2026-02-30 18:55:29", "2026-09-21 24:00:01",
        "12026-09-21 18:55:2", "0000-00-00 00:00:00", "2026-09-21 18:55", "2026-09/21 18:55:29",
        "12345678901", "a1790000000", "1790000000x", "Mon, 99 Sep 2026 10:55:29 GMT"}) {
    EXPECT_EQ(FindStatedTime(text), std::nullopt) << text;
  }
}

TEST(StatedTimeTest, OtherFormsAreKnown) {
  for (const char* text :
       {"2026/09/21 18:55:29", "reset at 2026/09/21T18:55:29+08:00.", "2026-09-21t10:55:29z",
        "resets at Mon, 21 Sep 2026 10:55:29 GMT, then", "1789988129", "reset (1789988129000)"}) {
    EXPECT_EQ(FindStatedTime(text), At("2026-09-21T18:55:29+08:00")) << text;
  }
}

TEST(RequestIdTimeTest, BeginsWithTheProvidersClock) {
  EXPECT_EQ(RequestIdTime("20260921135529a1b2c3"), At("2026-09-21T13:55:29+08:00"));
  EXPECT_EQ(RequestIdTime("2026092113552"), std::nullopt);
  EXPECT_EQ(RequestIdTime("20261321135529"), std::nullopt);
  EXPECT_EQ(RequestIdTime("19991231235959"), std::nullopt);
  EXPECT_EQ(RequestIdTime("req_20260921135529"), std::nullopt);
}

class ResetTimeTest : public ::testing::Test {
 protected:
  std::optional<absl::Time> Find(absl::string_view text, absl::Duration window,
                                 absl::string_view request_id = "") {
    return FindResetTime({text, request_id, answered_at_, window, now_});
  }

  absl::Time now_ = At("2026-09-21T05:55:29+00:00");  // 13:55:29 for the provider
  std::optional<absl::Time> answered_at_;
};

TEST_F(ResetTimeTest, IsTheStatedTime) {
  EXPECT_EQ(Find("reset at 2026-09-21 18:55:29", absl::Hours(5)), now_ + absl::Hours(5));
}

TEST_F(ResetTimeTest, WaitIsMeasuredOnTheUpstreamsClock) {
  now_ += absl::Hours(1000);  // our clock is wrong
  EXPECT_EQ(Find("reset at 2026-09-21 15:55:29", absl::Hours(5), "20260921135529ffff"),
            now_ + absl::Hours(2));
  EXPECT_EQ(Find("reset at 2026-09-21 15:55:29", absl::Hours(5)), std::nullopt);
  answered_at_ = At("2026-09-21T05:55:29+00:00");
  EXPECT_EQ(Find("reset at 2026-09-21 15:55:29", absl::Hours(5)), now_ + absl::Hours(2));
}

TEST_F(ResetTimeTest, IdOfAnotherClockIsNoTime) {
  // UTC's, and one of two hours ago.
  EXPECT_EQ(Find("reset at 2026-09-21 15:55:29", absl::Hours(5), "20260921055529ffff"),
            now_ + absl::Hours(2));
  answered_at_ = now_;
  now_ += absl::Hours(1000);
  for (const char* id : {"20260921055529ffff", "20260921115529ffff", "20270101000000"}) {
    EXPECT_EQ(Find("reset at 2026-09-21 15:55:29", absl::Hours(5), id), now_ + absl::Hours(2))
        << id;
  }
}

TEST_F(ResetTimeTest, IsTheFirstThatCanBe) {
  EXPECT_EQ(Find("since 2026-09-21 11:00:00, until 2026-09-21 15:55:29", absl::Hours(5)),
            now_ + absl::Hours(2));
  EXPECT_EQ(Find("id 2000000000, until 2026-09-21 15:55:29", absl::Hours(5)),
            now_ + absl::Hours(2));
}

TEST_F(ResetTimeTest, WaitInWordsIsOne) {
  EXPECT_EQ(Find("Resets in 59 minutes.", absl::Hours(5)), now_ + absl::Minutes(59));
  EXPECT_EQ(Find("Please try again in 5 days 3 hours", absl::ZeroDuration()),
            now_ + absl::Hours(5 * 24 + 3));
  EXPECT_EQ(Find("available again in 1 day, 2 hours and 30 minutes", absl::ZeroDuration()),
            now_ + absl::Hours(26) + absl::Minutes(30));
  // The time is more precise.
  EXPECT_EQ(Find("Resets in 2 hours, at 2026-09-21 15:50:00", absl::Hours(5)),
            At("2026-09-21T15:50:00+08:00"));
  for (const char* text : {"600 prompts in 5 hours", "resets in hours", "resets in 9999 days",
                           "resets in 0 hours", "resets in 6 hours", "resets in ", "in 5 hours"}) {
    EXPECT_EQ(Find(text, absl::Hours(5)), std::nullopt) << text;
  }
}

TEST_F(ResetTimeTest, PastIsImplausible) {
  EXPECT_EQ(Find("reset at 2026-09-21 13:55:29", absl::Hours(5)), std::nullopt);
  EXPECT_EQ(Find("reset at 2026-09-21 12:00:00", absl::Hours(5)), std::nullopt);
}

TEST_F(ResetTimeTest, LaterThanAWholeWindowIsImplausible) {
  EXPECT_NE(Find("reset at 2026-09-21 19:00:29", absl::Hours(5)), std::nullopt);
  EXPECT_EQ(Find("reset at 2026-09-21 19:00:30", absl::Hours(5)), std::nullopt);
  EXPECT_NE(Find("reset at 2026-09-28 13:55:29", absl::Hours(7 * 24)), std::nullopt);
  EXPECT_NE(Find("reset at 2026-10-22 13:55:29", absl::Hours(30 * 24)), std::nullopt);
  EXPECT_EQ(Find("reset at 2026-11-21 13:55:29", absl::ZeroDuration()), std::nullopt);
}

TEST(TimesInTextTest, AreThoseOfTheReadersClock) {
  EXPECT_EQ(
      WithTimesIn("used up. Your limit will reset at 2026-11-22 19:20:08", absl::UTCTimeZone()),
      "used up. Your limit will reset at 2026-11-22 11:20:08");
  EXPECT_EQ(WithTimesIn("2026-01-01 04:00:00, 2026-01-01T12:00:00.", absl::UTCTimeZone()),
            "2025-12-31 20:00:00, 2026-01-01 04:00:00.");
}

TEST(TimesInTextTest, StayWhereTheyNameTheirZone) {
  const std::string text = "reset at 2026-11-22T19:20:08+08:00 or 2026-11-22 11:20:08 UTC";
  EXPECT_EQ(WithTimesIn(text, absl::FixedTimeZone(3600)), text);
}

TEST(TimesInTextTest, TextWithoutTimesStaysAsItIs) {
  EXPECT_EQ(
      WithTimesIn("12026-11-22 19:20:08 is none, nor is 2026-13-22 19:20:08", absl::UTCTimeZone()),
      "12026-11-22 19:20:08 is none, nor is 2026-13-22 19:20:08");
  EXPECT_EQ(WithTimesIn("", absl::UTCTimeZone()), "");
}

TEST_F(ResetTimeTest, MidnightIsTheProviders) {
  EXPECT_EQ(FindNextMidnight({"", "", std::nullopt, absl::Hours(24), now_}),
            At("2026-09-22T00:00:00+08:00"));
  EXPECT_EQ(FindNextMidnight({"", "20260921235900", std::nullopt, absl::Hours(24), now_}),
            now_ + absl::Minutes(1));
}

}  // namespace
}  // namespace zbroker::zai
