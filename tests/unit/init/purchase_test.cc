#include "shims/init/purchase.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/testing/status_matchers.h"

namespace zbroker::init {
namespace {

using testing::Fails;
using ::testing::HasSubstr;

const absl::TimeZone kBerlin = absl::FixedTimeZone(2 * 3600);
const absl::Time kNow = absl::FromCivil(absl::CivilSecond(2026, 8, 20, 12, 0, 0), kBerlin);

absl::StatusOr<Purchase> Parse(absl::string_view text) {
  return ParsePurchase(text, kNow, kBerlin);
}

TEST(PurchaseTest, DateIsADayOfTheProvider) {
  const auto purchase = Parse(" 2026-07-30 ");
  ASSERT_OK(purchase);
  EXPECT_EQ(purchase->literal, "2026-07-30");
  EXPECT_EQ(purchase->at_site, absl::CivilDay(2026, 7, 30));
  EXPECT_EQ(Parse("2026/07/30")->literal, "2026-07-30");
}

TEST(PurchaseTest, TimeIsByTheClockOfThisMachineAndSaysSo) {
  // Past midnight at the provider.
  const auto purchase = Parse("2026-07-30 18:05");
  ASSERT_OK(purchase);
  EXPECT_EQ(purchase->literal, "2026-07-30T18:05:00+02:00");
  EXPECT_EQ(purchase->at_site, absl::CivilDay(2026, 7, 31));
}

TEST(PurchaseTest, OffsetIsWhatItSays) {
  EXPECT_EQ(Parse("2026-07-30T18:05:30Z")->literal, "2026-07-31T02:05:30+08:00");
  EXPECT_EQ(Parse("2026-07-30 09:00+02:00")->at_site, absl::CivilDay(2026, 7, 30));
  EXPECT_EQ(Parse("2026-07-30T09:00:00-11:00")->at_site, absl::CivilDay(2026, 7, 31));
}

TEST(PurchaseTest, DayThatHasBegunSomewhereIsNotInTheFuture) {
  EXPECT_OK(Parse("2026-08-20"));
  EXPECT_OK(Parse("2026-08-21"));  // at UTC+14 it is
  EXPECT_THAT(Parse("2026-08-22"),
              Fails(absl::StatusCode::kInvalidArgument, HasSubstr("in the future")));
  EXPECT_OK(Parse("2026-08-20 12:00"));
  EXPECT_THAT(Parse("2026-08-20 12:01"),
              Fails(absl::StatusCode::kInvalidArgument, HasSubstr("in the future")));
}

TEST(PurchaseTest, NonsenseIsRefusedWithWhatWasExpected) {
  for (const char* text : {"", "yesterday", "20.08.2026", "08-20-2026", "2026-02-30", "2026-13-01",
                           "2026-08-20 25:00", "2026-08-20 12:00 CEST", "2026-08-20x", "2026",
                           "2026-08-20\x1b[31m", "infinite-past", "99999999999999"}) {
    SCOPED_TRACE(text);
    EXPECT_THAT(Parse(text),
                Fails(absl::StatusCode::kInvalidArgument, HasSubstr("2026-08-20 14:05")));
  }
  EXPECT_THAT(Parse("1026-08-20"), Fails(absl::StatusCode::kInvalidArgument,
                                         HasSubstr("before there were plans, 2025-01-01")));
}

}  // namespace
}  // namespace zbroker::init
