#include "daemon/rpc/meter.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "client/base/bounds.h"
#include "tests/testing/status_matchers.h"

namespace zbroker::rpc {
namespace {

using testing::HasCode;
using ::testing::HasSubstr;

core::Amount Units(double value) { return *core::Amount::FromDouble(value); }

const Now kNow{BootTime::FromMicros(1'000'000'000), absl::FromUnixSeconds(1'790'000'000)};

v1::ReportMeterRequest Request(const std::string& text) {
  v1::ReportMeterRequest request;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request)) << text;
  return request;
}

// The only row of a request with this reading.
absl::StatusOr<core::MeterRow> RowOf(const std::string& reading) {
  const auto command = ToCommand(
      Request(absl::StrCat("asked { seconds: 1790000000 } readings { ", reading, " }")), {}, kNow);
  if (!command.ok()) return command.status();
  return command->rows.at(0);
}

TEST(MeterTest, ReadingIsTakenWithItsFigures) {
  const auto row = RowOf(
      "unit: 'credits' length { seconds: 18000 } percent: 3 used: 402 limit: 12000 "
      "reset { seconds: 1790003600 }");
  ASSERT_OK(row);
  EXPECT_EQ(row->unit, core::Unit::kCredits);
  EXPECT_EQ(row->length, absl::Hours(5));
  EXPECT_EQ(row->percent, Units(3.35)) << "the figures count";
  EXPECT_EQ(row->used, Units(402));
  EXPECT_EQ(row->reset, kNow.boot + absl::Hours(1));
}

TEST(MeterTest, ShareAloneIsAReading) {
  const auto row = RowOf("unit: 'tokens' months: 1 percent: 61");
  ASSERT_OK(row);
  EXPECT_EQ(row->months, 1);
  EXPECT_EQ(row->percent, Units(61));
  EXPECT_FALSE(row->used.has_value());
  EXPECT_FALSE(row->reset.has_value());
}

TEST(MeterTest, ResetBeyondAnyCalendarIsLeftOut) {
  const auto row =
      RowOf("unit: 'tokens' months: 1 percent: 61 reset { seconds: 9223372036854775807 }");
  ASSERT_OK(row);
  EXPECT_FALSE(row->reset.has_value());
}

TEST(MeterTest, MalformedReadingsAreRefused) {
  for (const char* reading :
       {"length { seconds: 18000 }", "unit: 'apples' months: 1", "unit: 'tokens'",
        "unit: 'tokens' months: 4000000000", "unit: 'tokens' length { seconds: -5 }",
        "unit: 'tokens' length { }", "unit: 'tokens' length { seconds: 999999999999 }",
        "unit: 'tokens' months: 1 percent: -1", "unit: 'tokens' months: 1 percent: 1e300",
        "unit: 'tokens' months: 1 percent: 201", "unit: 'tokens' months: 1 used: 9 limit: 2",
        "unit: 'tokens' months: 1 percent: nan", "unit: 'tokens' months: 1 used: inf limit: 1",
        "unit: 'tokens' months: 1 used: 1 limit: 1e12", "unit: 'tokens' months: 1 limit: -1"}) {
    EXPECT_THAT(RowOf(reading).status(), HasCode(absl::StatusCode::kInvalidArgument)) << reading;
  }
}

TEST(MeterTest, RequestIsBounded) {
  v1::ReportMeterRequest request = Request("asked { seconds: 1790000000 }");
  const auto add = [&] {
    v1::MeterReading* const reading = request.add_readings();
    reading->set_unit("tokens");
    reading->set_months(1);
  };
  for (size_t i = 0; i < kMeterLimitsMax; ++i) add();
  EXPECT_TRUE(ToCommand(request, {}, kNow).ok());
  add();
  EXPECT_THAT(ToCommand(request, {}, kNow).status(), HasCode(absl::StatusCode::kInvalidArgument));
  request.clear_readings();
  request.set_trouble(std::string(2000, 'x'));
  EXPECT_THAT(ToCommand(request, {}, kNow).status(), HasCode(absl::StatusCode::kInvalidArgument));
  request.set_trouble("bell\a");
  EXPECT_THAT(ToCommand(request, {}, kNow).status(), HasCode(absl::StatusCode::kInvalidArgument));
  request.set_trouble("it answered HTTP 502");
  const auto command = ToCommand(request, {}, kNow);
  ASSERT_OK(command);
  EXPECT_EQ(command->asked, kNow.boot);
  EXPECT_EQ(command->trouble, "it answered HTTP 502");
}

TEST(MeterViewTest, WindowShowsTheProvidersFigureBesideOurs) {
  core::WindowSnapshot window;
  window.config.limit = Units(200);
  window.used = Units(122);
  window.foreign = Units(26);
  v1::WindowStatus out;
  FillMeter(window, &out);
  EXPECT_FALSE(out.has_meter()) << "nothing was read of it";
  window.meter = core::MeterRow{.percent = Units(61)};
  FillMeter(window, &out);
  EXPECT_EQ(out.meter().percent(), 61);
  EXPECT_EQ(out.meter().ours_percent(), 48);
  EXPECT_EQ(out.meter().foreign(), 26);
  EXPECT_FALSE(out.meter().used_up());
}

TEST(MeterViewTest, AccountShowsTheReadingAndTheTroubleSince) {
  core::AccountSnapshot account;
  v1::AccountStatus none;
  FillMeter(account, kNow, &none);
  EXPECT_FALSE(none.has_meter());
  account.reading = core::MeterRead{
      "default", kNow.boot, {{.unit = core::Unit::kMcpCalls, .months = 1, .percent = Units(3)}}};
  account.meter_trouble = {"it answered HTTP 502", kNow.boot};
  v1::AccountStatus out;
  FillMeter(account, kNow, &out);
  EXPECT_EQ(out.meter().asked().seconds(), 1'790'000'000);
  EXPECT_EQ(out.meter().trouble(), "it answered HTTP 502");
  EXPECT_EQ(out.meter().trouble_at().seconds(), 1'790'000'000);
  ASSERT_EQ(out.meter().readings_size(), 1);
  EXPECT_EQ(out.meter().readings(0).unit(), "mcp_calls");
  EXPECT_FALSE(out.meter().readings(0).has_length());
}

}  // namespace
}  // namespace zbroker::rpc
