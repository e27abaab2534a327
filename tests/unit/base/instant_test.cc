#include "client/base/instant.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/time/civil_time.h"
#include "tests/testing/status_matchers.h"

namespace zbroker {
namespace {

using testing::Fails;
using ::testing::HasSubstr;

const absl::TimeZone kZone = absl::FixedTimeZone(60 * 60);
absl::Time At(int day, int hour, int minute, int second = 0) {
  return absl::FromCivil(absl::CivilSecond(2026, 11, day, hour, minute, second), kZone);
}
const absl::Time kNow = At(28, 17, 30);

absl::Time Parsed(absl::string_view text) {
  const auto at = ParseInstant(text, kNow, kZone);
  EXPECT_OK(at) << text;
  return at.value_or(absl::InfinitePast());
}
absl::Status Error(absl::string_view text) { return ParseInstant(text, kNow, kZone).status(); }

TEST(ParseInstantTest, TimeOfDayIsTheNextOfItsKind) {
  EXPECT_EQ(Parsed("18:00"), At(28, 18, 0));
  EXPECT_EQ(Parsed("17:30"), At(29, 17, 30));
  EXPECT_EQ(Parsed("00:00:30"), At(29, 0, 0, 30));
}

TEST(ParseInstantTest, LengthIsFromNow) { EXPECT_EQ(Parsed("2h30m"), At(28, 20, 0)); }

TEST(ParseInstantTest, DateMayHaveAnOffset) {
  EXPECT_EQ(Parsed("2026-11-30 09:00"), At(30, 9, 0));
  EXPECT_EQ(Parsed("2026-11-30T09:00:05"), At(30, 9, 0, 5));
  EXPECT_EQ(Parsed("2026-11-30T08:00:00Z"), At(30, 9, 0));
  EXPECT_EQ(Parsed("2026-11-30T10:00:00+02:00"), At(30, 9, 0));
}

TEST(ParseInstantTest, WhatIsNoneIsRefusedWithExamples) {
  for (const char* text : {"", "soon", "25:00", "18:60", "18", "-1h", "2026-13-01 00:00"}) {
    EXPECT_THAT(Error(text), Fails(absl::StatusCode::kInvalidArgument, HasSubstr("18:00"))) << text;
  }
  EXPECT_THAT(Error(std::string(100'000, '1')),
              Fails(absl::StatusCode::kInvalidArgument, HasSubstr("is no instant")));
}

TEST(ParseInstantTest, WhatHasPassedOrIsTooFarIsRefused) {
  EXPECT_THAT(Error("2026-11-28 17:30"),
              Fails(absl::StatusCode::kInvalidArgument, HasSubstr("has passed")));
  EXPECT_THAT(Error("0s"), Fails(absl::StatusCode::kInvalidArgument, HasSubstr("has passed")));
  EXPECT_THAT(Error("2099-01-01 00:00"),
              Fails(absl::StatusCode::kInvalidArgument, HasSubstr("10 years")));
}

}  // namespace
}  // namespace zbroker
