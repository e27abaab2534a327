#include "shims/meter/report.h"

#include <gtest/gtest.h>

#include "client/base/proto_time.h"

namespace zbroker::meter {
namespace {

using Counts = zai::MeterLimit::Counts;
using State = zai::MeterAnswer::State;

const zai::MeterAnswer kAnswer = {
    .state = State::kRead,
    .limits = {
        {.counts = Counts::kCredits,
         .length = absl::Hours(5),
         .percent = 3.35,
         .used = 402,
         .allowed = 12'000,
         .reset = absl::FromUnixSeconds(1'790'000'000)},
        {.counts = Counts::kTokens, .length = absl::Hours(7 * 24), .percent = 12},
        {.counts = Counts::kToolCalls, .months = 1, .percent = 2.8, .used = 28, .allowed = 1000}}};

TEST(ReportTest, SaysWhatWasReadInTheDaemonsWords) {
  const v1::ReportMeterRequest report = ToReport("work", absl::FromUnixSeconds(7), kAnswer);
  EXPECT_EQ(report.account(), "work");
  EXPECT_EQ(report.asked().seconds(), 7);
  EXPECT_EQ(report.trouble(), "");
  ASSERT_EQ(report.readings_size(), 3);
  EXPECT_EQ(report.readings(0).unit(), "credits");
  EXPECT_EQ(FromProtoDuration(report.readings(0).length()), absl::Hours(5));
  EXPECT_EQ(report.readings(0).used(), 402);
  EXPECT_EQ(report.readings(0).limit(), 12'000);
  EXPECT_EQ(report.readings(0).reset().seconds(), 1'790'000'000);
  EXPECT_EQ(report.readings(1).unit(), "tokens");
  EXPECT_EQ(report.readings(1).limit(), 0);
  EXPECT_FALSE(report.readings(1).has_reset());
  EXPECT_EQ(report.readings(2).unit(), "mcp_calls");
  EXPECT_EQ(report.readings(2).months(), 1u);
  EXPECT_FALSE(report.readings(2).has_length());
}

TEST(ReportTest, TroubleHasNoReadings) {
  const auto report = ToReport("", absl::UnixEpoch(), {.trouble = "it answered HTTP 502"});
  EXPECT_EQ(report.trouble(), "it answered HTTP 502");
  EXPECT_EQ(report.readings_size(), 0);
}

TEST(ReportTest, IsDescribedInALine) {
  EXPECT_EQ(Describe(kAnswer),
            "5h 3.3 % of the credits, week 12 % of the tokens, month 2.8 % of the tool calls");
}

}  // namespace
}  // namespace zbroker::meter
