#include "shims/zai/retry_after.h"

#include <gtest/gtest.h>

#include "tests/unit/zai/headers.h"

namespace zbroker::zai {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(784111777);  // Sun, 06 Nov 1994 08:49:37 GMT

TEST(HttpDateTest, AllThreeForms) {
  EXPECT_EQ(ParseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT"), kNow);
  EXPECT_EQ(ParseHttpDate("Sunday, 06-Nov-94 08:49:37 GMT"), kNow);
  EXPECT_EQ(ParseHttpDate("Sun Nov  6 08:49:37 1994"), kNow);
  for (const absl::string_view text :
       {"", "infinite-future", "tomorrow", "06 Nov 1994", "Sun, 99"}) {
    EXPECT_EQ(ParseHttpDate(text), std::nullopt) << text;
  }
}

TEST(RetryAfterTest, Seconds) {
  EXPECT_EQ(ParseRetryAfter("38", kNow), absl::Seconds(38));
  EXPECT_EQ(ParseRetryAfter(" 0.5 ", kNow), absl::Milliseconds(500));
  EXPECT_EQ(ParseRetryAfter("287441", kNow), absl::Seconds(287441));
  EXPECT_EQ(ParseRetryAfter("0", kNow), absl::ZeroDuration());
}

TEST(RetryAfterTest, Date) {
  EXPECT_EQ(ParseRetryAfter("Sun, 06 Nov 1994 08:50:37 GMT", kNow), absl::Minutes(1));
  EXPECT_EQ(ParseRetryAfter("Sun, 06 Nov 1994 08:48:37 GMT", kNow), std::nullopt);
}

TEST(RetryAfterTest, NonsenseIsNone) {
  for (const absl::string_view text :
       {"", "-1", "soon", "1e9", "inf", "nan", "0x10", "1.2.3", "999999999999999999999999",
        "99999999", "Sun, 06 Nov 2094 08:49:37 GMT"}) {
    EXPECT_EQ(ParseRetryAfter(text, kNow), std::nullopt) << text;
    EXPECT_EQ(ParseRetryAfterMs(absl::string_view(text == "99999999" ? "" : text)), std::nullopt);
  }
}

TEST(RetryAfterTest, MillisecondsWin) {
  EXPECT_EQ(FindRetryAfter(FakeHeaders{{"retry-after", "38"}, {"retry-after-ms", "1500"}}, kNow),
            absl::Milliseconds(1500));
  EXPECT_EQ(FindRetryAfter(FakeHeaders{{"retry-after", "38"}, {"retry-after-ms", "x"}}, kNow),
            absl::Seconds(38));
  EXPECT_EQ(FindRetryAfter(NoHeaders, kNow), std::nullopt);
}

TEST(RetryAfterTest, DateCountsFromTheAnswersOwn) {
  EXPECT_EQ(FindRetryAfter(FakeHeaders{{"retry-after", "Sun, 06 Nov 1994 08:50:37 GMT"},
                                       {"date", "Sun, 06 Nov 1994 08:50:07 GMT"}},
                           kNow),
            absl::Seconds(30));
}

}  // namespace
}  // namespace zbroker::zai
