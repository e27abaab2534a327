#include "daemon/core/prices.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "client/base/bounds.h"
#include "tests/unit/core/harness.h"

namespace zbroker::core {
namespace {

const absl::TimeZone kChina = absl::FixedTimeZone(8 * 60 * 60);
// A Monday.
const absl::Time kPeak = absl::FromCivil(absl::CivilHour(2026, 11, 23, 15), kChina);
const absl::Time kOffPeak = absl::FromCivil(absl::CivilHour(2026, 11, 23, 12), kChina);

WindowConfig Counting(Unit unit) { return {.name = "w", .unit = unit}; }

Request Asking(Kind kind, const std::string& model, double weight = 1) {
  return {.model = model, .kind = kind, .weight = Units(weight)};
}

AccountConfig Account() {
  const WeekHours peak{.days = {true, true, true, true, true, false, false},
                       .from_minute = 14 * 60,
                       .to_minute = 18 * 60,
                       .zone = kChina};
  AccountConfig account;
  account.weights = {{.models = {"glm-5*"}, .weight = 3, .when = peak},
                     {.models = {"glm-5*"}, .weight = 2},
                     {.models = {"*-flash"}, .weight = 0.4}};
  account.rates = {{.models = {"glm-5.3"}, .input = 6.9, .cached = 1.7, .output = 24},
                   {.models = {"glm-4.7"}, .input = 4.6, .cached = 1.2, .output = 16}};
  account.mcp_credits = 1.2;
  return account;
}

class PricesTest : public ::testing::Test {
 protected:
  Amount Charge(Unit unit, const Request& request, absl::Time wall = kOffPeak) const {
    return prices_.ChargeFor(Counting(unit), request, wall);
  }
  std::optional<Amount> Settled(Unit unit, const Request& request, const TokenUsage& usage,
                                absl::Time granted = kOffPeak) const {
    return prices_.Settle(Counting(unit), request, usage, granted);
  }
  Prices prices_{Account()};
};

TEST_F(PricesTest, WindowOfSomeModelsCountsNoOthers) {
  const TokenUsage usage{.input = 100, .cached = 0, .output = 10};
  for (const Unit unit : {Unit::kPrompts, Unit::kCalls, Unit::kTokens, Unit::kCredits}) {
    WindowConfig window = Counting(unit);
    window.models = {"glm-5*", "other"};
    const Request covered = Asking(Kind::kPrompt, "glm-5.3");
    const Request another = Asking(Kind::kPrompt, "glm-4.7");
    EXPECT_GT(prices_.ChargeFor(window, covered, kOffPeak), Amount());
    EXPECT_EQ(prices_.ChargeFor(window, another, kOffPeak), Amount());
    EXPECT_EQ(prices_.Settle(window, another, usage, kOffPeak), std::nullopt);
  }
  WindowConfig tools = Counting(Unit::kMcpCalls);
  tools.models = {"glm-5*"};
  EXPECT_EQ(prices_.ChargeFor(tools, Asking(Kind::kMcp, ""), kOffPeak), Amount());
}

TEST_F(PricesTest, EachUnitCountsItsKinds) {
  const Request prompt = Asking(Kind::kPrompt, "glm-4.7");
  const Request call = Asking(Kind::kCall, "glm-4.7");
  const Request mcp = Asking(Kind::kMcp, "");
  EXPECT_EQ(Charge(Unit::kPrompts, prompt), Units(1));
  EXPECT_EQ(Charge(Unit::kPrompts, call), Amount());
  EXPECT_EQ(Charge(Unit::kPrompts, mcp), Amount());
  EXPECT_EQ(Charge(Unit::kCalls, prompt), Units(1));
  EXPECT_EQ(Charge(Unit::kCalls, call), Units(1));
  EXPECT_EQ(Charge(Unit::kCalls, mcp), Amount());
  EXPECT_EQ(Charge(Unit::kMcpCalls, prompt), Amount());
  EXPECT_EQ(Charge(Unit::kMcpCalls, call), Amount());
  EXPECT_EQ(Charge(Unit::kMcpCalls, mcp), Units(1));
  EXPECT_EQ(Charge(Unit::kTokens, mcp), Amount());
  EXPECT_GT(Charge(Unit::kTokens, call), Amount());
  EXPECT_GT(Charge(Unit::kCredits, prompt), Amount());
}

TEST_F(PricesTest, TheFirstWeightRuleOfModelAndTimeCounts) {
  EXPECT_EQ(Charge(Unit::kPrompts, Asking(Kind::kPrompt, "glm-5.1"), kPeak), Units(3));
  EXPECT_EQ(Charge(Unit::kPrompts, Asking(Kind::kPrompt, "glm-5.1"), kOffPeak), Units(2));
  EXPECT_EQ(Charge(Unit::kPrompts, Asking(Kind::kPrompt, "GLM-5-flash"), kPeak), Units(3));
  EXPECT_EQ(Charge(Unit::kPrompts, Asking(Kind::kPrompt, "glm-4.7-flash"), kPeak), Units(0.4));
  EXPECT_EQ(Charge(Unit::kPrompts, Asking(Kind::kPrompt, "other"), kPeak), Units(1));
}

TEST_F(PricesTest, TheWeightOfARequestMultiplies) {
  EXPECT_EQ(Charge(Unit::kCalls, Asking(Kind::kCall, "glm-5.1", 2.5)), Units(5));
  EXPECT_EQ(Charge(Unit::kMcpCalls, Asking(Kind::kMcp, "", 4)), Units(4));
  EXPECT_EQ(Charge(Unit::kPrompts, Asking(Kind::kPrompt, "glm-5.1", 0)), Amount());
}

TEST_F(PricesTest, ToolCallsCostTheirCredits) {
  EXPECT_EQ(Charge(Unit::kCredits, Asking(Kind::kMcp, "glm-5.1"), kPeak), Units(1.2));
  EXPECT_EQ(Charge(Unit::kCredits, Asking(Kind::kMcp, "", 3)), Units(3.6)) << "a batch of three";
  AccountConfig account = Account();
  account.weights = {{.models = {"*"}, .weight = 0.5}};
  prices_.Configure(account);
  EXPECT_EQ(Charge(Unit::kCredits, Asking(Kind::kMcp, "")), Units(0.6));
  EXPECT_EQ(Charge(Unit::kMcpCalls, Asking(Kind::kMcp, "")), Units(1)) << "a call is a call";
}

TEST_F(PricesTest, BeforeAnythingSettledARequestIsTypical) {
  EXPECT_EQ(Charge(Unit::kTokens, Asking(Kind::kCall, "glm-4.7")), Units(22'500));
  EXPECT_EQ(Charge(Unit::kCredits, Asking(Kind::kCall, "glm-4.7")),
            Units((2'000 * 4.6 + 20'000 * 1.2 + 500 * 16) / 10'000));
}

TEST_F(PricesTest, EstimatesFollowWhatRequestsOfTheModelUsed) {
  const Request call = Asking(Kind::kCall, "glm-4.7");
  prices_.Learn("glm-4.7", {.input = 100, .cached = 50, .output = 10});
  EXPECT_EQ(Charge(Unit::kTokens, call), Units(160)) << "the first one stands for all";
  prices_.Learn("glm-4.7", {.input = 200, .cached = 50, .output = 10});
  EXPECT_EQ(Charge(Unit::kTokens, call), Units(170));
  EXPECT_EQ(Charge(Unit::kTokens, Asking(Kind::kCall, "glm-5.3")), Units(22'500));
  for (int i = 0; i < 200; ++i) prices_.Learn("glm-4.7", {.output = 30});
  EXPECT_NEAR(Charge(Unit::kTokens, call).ToDouble(), 30, 0.001);
}

TEST_F(PricesTest, ANewConfigurationKeepsWhatWasLearned) {
  prices_.Learn("glm-4.7", {.input = 100});
  prices_.Configure(AccountConfig());
  EXPECT_EQ(Charge(Unit::kTokens, Asking(Kind::kCall, "glm-4.7")), Units(100));
}

TEST_F(PricesTest, ModelsBeyondTheBoundShareAnEstimate) {
  for (size_t i = 0; i < Prices::kModelsMax; ++i) {
    prices_.Learn(absl::StrCat("model-", i), {.input = 100});
  }
  EXPECT_EQ(Charge(Unit::kTokens, Asking(Kind::kCall, "more-1")), Units(22'500));
  prices_.Learn("more-1", {.input = 300});
  prices_.Learn("more-2", {.input = 400});
  EXPECT_EQ(Charge(Unit::kTokens, Asking(Kind::kCall, "more-3")), Units(310));
  EXPECT_EQ(Charge(Unit::kTokens, Asking(Kind::kCall, "model-7")), Units(100));
}

TEST_F(PricesTest, AModelWithoutARateCostsNoCredits) {
  EXPECT_EQ(Charge(Unit::kCredits, Asking(Kind::kCall, "glm-4.6")), Amount());
  EXPECT_EQ(Settled(Unit::kCredits, Asking(Kind::kCall, "glm-4.6"), {.input = 1}), std::nullopt);
}

TEST_F(PricesTest, TokensSettleAtWhatWasUsed) {
  EXPECT_EQ(Settled(Unit::kTokens, Asking(Kind::kPrompt, "glm-5.3", 7),
                    {.input = 100, .cached = 50, .output = 10}, kPeak),
            Units(160))
      << "nothing weighs tokens";
}

TEST_F(PricesTest, CreditsSettleAtTheRateAndTheWeightOfTheGrant) {
  const TokenUsage usage = {.input = 10'000, .cached = 1'000, .output = 100};
  const Request prompt = Asking(Kind::kPrompt, "glm-5.3");
  EXPECT_EQ(Settled(Unit::kCredits, prompt, usage, kPeak), Units(3 * (6.9 + 0.17 + 0.24)));
  EXPECT_EQ(Settled(Unit::kCredits, prompt, usage, kOffPeak), Units(2 * (6.9 + 0.17 + 0.24)));
}

TEST_F(PricesTest, NothingUsedSettlesAtZero) {
  EXPECT_EQ(Settled(Unit::kCredits, Asking(Kind::kCall, "glm-5.3"), {}), Amount());
}

TEST_F(PricesTest, OtherUnitsAndToolCallsDoNotSettle) {
  const TokenUsage usage = {.input = 1};
  for (const Unit unit : {Unit::kPrompts, Unit::kCalls, Unit::kMcpCalls}) {
    EXPECT_EQ(Settled(unit, Asking(Kind::kPrompt, "glm-5.3"), usage), std::nullopt);
  }
  EXPECT_EQ(Settled(Unit::kTokens, Asking(Kind::kMcp, "glm-5.3"), usage), std::nullopt);
}

TEST_F(PricesTest, WhatIsLargerThanAnyAmountIsTheLargest) {
  AccountConfig account;
  account.weights = {{.models = {"*"}, .weight = 1000}};
  account.rates = {{.models = {"*"}, .input = 1e6, .cached = 1e6, .output = 1e6}};
  prices_.Configure(account);
  const Request prompt = Asking(Kind::kPrompt, "m", Amount::kLargest);
  const TokenUsage all = {kTokensMax, kTokensMax, kTokensMax};
  EXPECT_EQ(Charge(Unit::kPrompts, prompt), Units(Amount::kLargest));
  EXPECT_EQ(Settled(Unit::kTokens, prompt, all), Units(Amount::kLargest));
  EXPECT_EQ(Settled(Unit::kCredits, prompt, all), Units(Amount::kLargest));
  prices_.Learn("m", all);
  EXPECT_EQ(Charge(Unit::kCredits, prompt), Units(Amount::kLargest));
}

TEST_F(PricesTest, NextChangeIsThatOfTheRulesWithHours) {
  const absl::Time begin = absl::FromCivil(absl::CivilHour(2026, 11, 23, 14), kChina);
  EXPECT_EQ(prices_.NextChange(kOffPeak), begin);
  EXPECT_EQ(prices_.NextChange(begin), begin + absl::Hours(4));
}

TEST_F(PricesTest, NothingEverChangesWithoutThem) {
  prices_.Configure(AccountConfig());
  EXPECT_EQ(prices_.NextChange(kPeak), absl::InfiniteFuture());
}

}  // namespace
}  // namespace zbroker::core
