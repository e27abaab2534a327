#include "shims/gateway/retry_fields.h"

#include <gtest/gtest.h>

namespace zbroker::gateway {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1790000000);

std::string Vouched(const std::string& name, const std::string& value) {
  Headers headers = {{name, value}};
  VouchForRetryAfter(headers, kNow);
  return headers.empty() ? "none" : headers[0].value;
}

TEST(RetryFieldsTest, SecondsGoOnWhole) {
  EXPECT_EQ(Vouched("Retry-After", "38"), "38");
  EXPECT_EQ(Vouched("retry-after", "1.5"), "2");
  EXPECT_EQ(Vouched("retry-after-ms", "1500"), "1500");
}

TEST(RetryFieldsTest, NobodyIsToldToAskAgainAtOnce) {
  for (const char* value : {"0", "0.5", "0.0001", ".5"}) {
    EXPECT_EQ(Vouched("retry-after", value), "1") << value;
  }
  EXPECT_EQ(Vouched("retry-after-ms", "0"), "1000");
  EXPECT_EQ(Vouched("retry-after-ms", "999.5"), "1000");
  Headers headers = {{"retry-after", "0"}, {"retry-after-ms", "500"}};
  StopClientsRetries(headers);
  EXPECT_EQ(FindHeader(headers, "retry-after"), "");
  EXPECT_EQ(FindHeader(headers, "retry-after-ms"), "");
}

TEST(RetryFieldsTest, DateBecomesSecondsOfTheAnswersOwnClock) {
  Headers headers = {{"Date", "Wed, 21 Oct 2026 07:27:00 GMT"},
                     {"Retry-After", "Wed, 21 Oct 2026 07:28:00 GMT"}};
  VouchForRetryAfter(headers, kNow);
  EXPECT_EQ(FindHeader(headers, "retry-after"), "60");
}

TEST(RetryFieldsTest, WhatNobodyCanReadOrWaitForGoesNoFurther) {
  for (const char* value :
       {"", "120junk", "-1", "soon", "1e9", "inf", "287441", "301", "Wed, 99 Foo 2026 07:28:00 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 2094 08:49:37 GMT"}) {
    EXPECT_EQ(Vouched("retry-after", value), "none") << value;
  }
  EXPECT_EQ(Vouched("retry-after-ms", "x"), "none");
  EXPECT_EQ(Vouched("retry-after-ms", "999999999"), "none");
}

TEST(RetryFieldsTest, FinalAnswerStopsItsClient) {
  Headers headers = {{"retry-after", "90"}, {"X-Should-Retry", "true"}, {"x-other", "1"}};
  StopClientsRetries(headers);
  EXPECT_EQ(FindHeader(headers, "retry-after"), "");
  EXPECT_EQ(FindHeader(headers, "x-should-retry"), "false");
  EXPECT_EQ(FindHeader(headers, "x-other"), "1");
}

}  // namespace
}  // namespace zbroker::gateway
