#include "shims/zai/window_length.h"

#include <gtest/gtest.h>

namespace zbroker::zai {
namespace {

TEST(WindowLengthTest, NumberAndUnit) {
  EXPECT_EQ(FindWindowLength("Usage limit reached for 5 hour. Your limit will reset at 2026-09-21 "
                             "18:55:29"),
            absl::Hours(5));
  EXPECT_EQ(FindWindowLength("已达到 5 小时 的使用上限。您的限额将在 2026-09-21 18:55:29 重置"),
            absl::Hours(5));
  EXPECT_EQ(FindWindowLength("已达到5小时的使用上限"), absl::Hours(5));
  EXPECT_EQ(FindWindowLength("已达到 7 天 的使用上限"), kWeek);
  EXPECT_EQ(FindWindowLength("Usage limit reached for 7 days"), kWeek);
  EXPECT_EQ(FindWindowLength("limit reached for 1 week"), kWeek);
  EXPECT_EQ(FindWindowLength("limit reached for 1 Month"), kMonth);
  EXPECT_EQ(FindWindowLength("已达到 1 个月 的使用上限"), kMonth);
  EXPECT_EQ(FindWindowLength("your 5-hour limit"), absl::Hours(5));
}

TEST(WindowLengthTest, NamedPeriod) {
  EXPECT_EQ(FindWindowLength("Weekly Limit Exhausted"), kWeek);
  EXPECT_EQ(FindWindowLength("每月限额已用尽"), kMonth);
}

TEST(WindowLengthTest, AmbiguousOrAbsentIsNotKnown) {
  EXPECT_EQ(FindWindowLength("Weekly/Monthly Limit Exhausted. Your limit will reset at 2026-09-28 "
                             "13:55:29"),
            absl::ZeroDuration());
  for (const absl::string_view text :
       {"", "limit", "0 hours", "99999999999999 hours", "5 apples"}) {
    EXPECT_EQ(FindWindowLength(text), absl::ZeroDuration()) << text;
  }
}

TEST(WindowLengthTest, WaitIsNoWindow) {
  EXPECT_EQ(FindWindowLength("Resets in 5 days 3 hours. Weekly limit reached"), kWeek);
  EXPECT_EQ(FindWindowLength("Limit resets in 59 minutes: usage limit reached for 5 hour"),
            absl::Hours(5));
  EXPECT_EQ(FindWindowLength("limit of 5 hours, try again in 3 hours"), absl::Hours(5));
  EXPECT_EQ(FindWindowLength("600 prompts in 5 hours"), absl::Hours(5));
}

}  // namespace
}  // namespace zbroker::zai
