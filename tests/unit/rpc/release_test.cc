#include "daemon/rpc/release.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

#include "client/base/bounds.h"

namespace zbroker::rpc {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kLargest = std::numeric_limits<int64_t>::max();
constexpr int64_t kSmallest = std::numeric_limits<int64_t>::min();
const Now kNow = {.boot = BootTime::FromMicros(60'000'000), .wall = absl::FromUnixSeconds(1'000)};

CheckedRelease Check(const v1::ReleaseRequest& release) {
  return CheckRelease(release, core::Client(), kNow);
}

v1::ReleaseRequest Full() {
  v1::ReleaseRequest release;
  release.set_lease_id(7);
  release.set_outcome(v1::OUTCOME_THROTTLE);
  v1::ReleaseDetails& details = *release.mutable_details();
  details.set_upstream_code("1302");
  details.set_message("too many");
  details.mutable_retry_after()->set_seconds(3);
  details.mutable_until()->set_seconds(1'060);
  details.mutable_window_length()->set_seconds(18'000);
  details.set_scope(v1::SCOPE_MODEL);
  details.mutable_first_byte()->set_seconds(1);
  details.set_http_status(429);
  details.mutable_usage()->set_input_tokens(kTokensMax);
  return release;
}

TEST(CheckReleaseTest, WhatIsWellFormedIsTaken) {
  const CheckedRelease checked = Check(Full());
  EXPECT_THAT(checked.left_out, IsEmpty());
  EXPECT_EQ(checked.command.lease, 7u);
  EXPECT_EQ(checked.command.outcome, core::Outcome::kThrottle);
  const core::ReleaseDetails& details = checked.command.details;
  EXPECT_EQ(details.upstream_code, "1302");
  EXPECT_EQ(details.message, "too many");
  EXPECT_EQ(details.retry_after, absl::Seconds(3));
  EXPECT_EQ(details.until, kNow.boot + absl::Seconds(60));
  EXPECT_EQ(details.window_length, absl::Hours(5));
  EXPECT_EQ(details.scope, core::Scope::kModel);
  EXPECT_EQ(details.first_byte, absl::Seconds(1));
  EXPECT_EQ(details.http_status, 429);
  EXPECT_EQ(details.usage->input, kTokensMax);
}

// What one field says, and how the note on it reads.
struct Malformed {
  std::string name;
  void (*spoil)(v1::ReleaseDetails&);
  std::string note;
};

class MalformedDetailTest : public ::testing::TestWithParam<Malformed> {};

TEST_P(MalformedDetailTest, IsLeftOutAndTheRestIsTaken) {
  v1::ReleaseRequest release = Full();
  GetParam().spoil(*release.mutable_details());
  const CheckedRelease checked = Check(release);
  EXPECT_EQ(checked.command.lease, 7u);
  EXPECT_EQ(checked.command.outcome, core::Outcome::kThrottle);
  EXPECT_THAT(checked.left_out, HasSubstr(GetParam().note));
}

INSTANTIATE_TEST_SUITE_P(
    All, MalformedDetailTest,
    ::testing::Values(
        Malformed{"TooManyTokens",
                  [](v1::ReleaseDetails& details) {
                    details.mutable_usage()->set_output_tokens(kTokensMax + 1);
                  },
                  "usage: 1000000001"},
        Malformed{"LargestTokens",
                  [](v1::ReleaseDetails& details) {
                    details.mutable_usage()->set_input_tokens(kLargest);
                  },
                  "usage"},
        Malformed{"SmallestTokens",
                  [](v1::ReleaseDetails& details) {
                    details.mutable_usage()->set_cached_tokens(kSmallest);
                  },
                  "usage"},
        Malformed{"StatusOfFourDigits",
                  [](v1::ReleaseDetails& details) { details.set_http_status(1000); },
                  "http_status 1000"},
        Malformed{"LargestStatus",
                  [](v1::ReleaseDetails& details) { details.set_http_status(UINT32_MAX); },
                  "http_status"},
        Malformed{"ControlCharacterInCode",
                  [](v1::ReleaseDetails& details) { details.set_upstream_code("13\n02"); },
                  "upstream_code"},
        Malformed{"LongMessage",
                  [](v1::ReleaseDetails& details) { details.set_message(std::string(1025, 'm')); },
                  "message"},
        Malformed{"LargestRetryAfter",
                  [](v1::ReleaseDetails& details) {
                    details.mutable_retry_after()->set_seconds(kLargest);
                  },
                  "retry_after"},
        Malformed{"SmallestFirstByte",
                  [](v1::ReleaseDetails& details) {
                    details.mutable_first_byte()->set_seconds(kSmallest);
                  },
                  "first_byte"},
        Malformed{
            "NegativeWindow",
            [](v1::ReleaseDetails& details) { details.mutable_window_length()->set_seconds(-1); },
            "window_length is negative"},
        Malformed{
            "SmallestUntil",
            [](v1::ReleaseDetails& details) { details.mutable_until()->set_seconds(kSmallest); },
            "until"},
        Malformed{
            "UnknownScope",
            [](v1::ReleaseDetails& details) { details.set_scope(static_cast<v1::Scope>(99)); },
            "scope 99"}),
    [](const auto& test) { return test.param.name; });

TEST(CheckReleaseTest, AStatusThatHttpDoesNotDefineIsTaken) {
  v1::ReleaseRequest release = Full();
  release.mutable_details()->set_http_status(999);
  EXPECT_EQ(Check(release).command.details.http_status, 999);
}

TEST(CheckReleaseTest, AnOutcomeThatIsNotTheClientsToStateIsAFailure) {
  for (const v1::Outcome outcome :
       {v1::OUTCOME_LOST, v1::OUTCOME_REVOKED, static_cast<v1::Outcome>(99)}) {
    v1::ReleaseRequest release = Full();
    release.set_outcome(outcome);
    const CheckedRelease checked = Check(release);
    EXPECT_EQ(checked.command.outcome, core::Outcome::kFailed) << outcome;
    EXPECT_THAT(checked.left_out, HasSubstr("outcome"));
  }
}

}  // namespace
}  // namespace zbroker::rpc
