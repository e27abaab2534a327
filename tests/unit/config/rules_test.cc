// Pools, weights, rates, schedules and priorities.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "tests/unit/config/parse.h"

namespace zbroker::config {
namespace {

using core::AccountConfig;
using core::WeekHours;

constexpr absl::string_view kGlobRule =
    "expected 1 to 64 patterns of 1 to 128 bytes, such as [\"glm-4.7-flash*\"]";

// The account `a` with one element of this list. The first of the lines is line 2.
AccountConfig ParseRule(absl::string_view list, absl::string_view lines) {
  return Parse(absl::StrCat("[[account.a.", list, "]]\n", lines)).accounts.at(0);
}

std::string RuleError(absl::string_view list, absl::string_view lines) {
  return ErrorOf(absl::StrCat("[[account.a.", list, "]]\n", lines));
}

WeekHours Always() { return {.zone = absl::FixedTimeZone(8 * 60 * 60)}; }

// As many elements as `count` says.
std::string Many(absl::string_view list, int count, absl::string_view lines) {
  std::string text;
  for (int i = 0; i < count; ++i) absl::StrAppend(&text, "[[account.a.", list, "]]\n", lines);
  return text;
}

TEST(PoolTest, EveryKeyIsTaken) {
  const auto pools = ParseRule("pool", "models = [\"*flash*\", \"x\"]\nlimit = 2\n").pools;
  ASSERT_EQ(pools.size(), 1u);
  EXPECT_FALSE(pools[0].learn);
  EXPECT_TRUE(ParseRule("pool", "models = \"x\"\nlearn = true\n").pools.at(0).learn);
  EXPECT_EQ(pools[0], (core::PoolConfig{.models = {"*flash*", "x"}, .limit = 2}));
}

TEST(PoolTest, HasOneSlotByDefault) {
  EXPECT_EQ(ParseRule("pool", "models = \"*flash*\"\n").pools.at(0).limit, 1);
}

TEST(PoolTest, ModelsAreRequired) {
  EXPECT_EQ(RuleError("pool", "limit = 1\n"),
            absl::StrCat("zb.toml:1: account.a.pool.models: missing; ", kGlobRule));
}

TEST(PoolTest, NoModelsAreRefused) {
  EXPECT_EQ(RuleError("pool", "models = []\n"),
            absl::StrCat("zb.toml:2: account.a.pool.models: found an array; ", kGlobRule));
}

TEST(PoolTest, ModelsThatAreNoStringsAreRefused) {
  EXPECT_EQ(RuleError("pool", "models = [1]\n"),
            absl::StrCat("zb.toml:2: account.a.pool.models: found an array; ", kGlobRule));
}

TEST(PoolTest, AnEmptyPatternIsRefused) {
  EXPECT_EQ(RuleError("pool", "models = \"\"\n"),
            absl::StrCat("zb.toml:2: account.a.pool.models: found \"\"; ", kGlobRule));
}

TEST(PoolTest, ALongPatternIsRefused) {
  EXPECT_EQ(RuleError("pool", absl::StrCat("models = [\"", std::string(129, 'm'), "\"]\n")),
            absl::StrCat("zb.toml:2: account.a.pool.models: found an array; ", kGlobRule));
}

TEST(PoolTest, APatternWithControlCharactersIsRefused) {
  EXPECT_EQ(RuleError("pool", "models = \"\\u0007\"\n"),
            absl::StrCat("zb.toml:2: account.a.pool.models: found \"\\x07\"; ", kGlobRule));
}

TEST(PoolTest, MorePatternsThanTheMostAreRefused) {
  std::string models = "\"m\"";
  for (int i = 1; i < 64; ++i) models += ", \"m\"";
  EXPECT_EQ(ParseRule("pool", absl::StrCat("models = [", models, "]\n")).pools.at(0).models.size(),
            64u);
  EXPECT_EQ(RuleError("pool", absl::StrCat("models = [", models, ", \"m\"]\n")),
            absl::StrCat("zb.toml:2: account.a.pool.models: found an array; ", kGlobRule));
}

TEST(PoolTest, ALimitOfZeroIsRefused) {
  EXPECT_EQ(RuleError("pool", "models = \"m\"\nlimit = 0\n"),
            "zb.toml:3: account.a.pool.limit: found 0; expected an integer from 1 to 1000");
}

TEST(PoolTest, TheSeventeenthIsRefused) {
  EXPECT_EQ(Parse(Many("pool", 16, "models = \"m\"\n")).accounts.at(0).pools.size(), 16u);
  EXPECT_EQ(ErrorOf(Many("pool", 17, "models = \"m\"\n")),
            "zb.toml:33: account.a.pool: one pool too many; expected at most 16");
}

TEST(WeightTest, EveryKeyIsTaken) {
  const auto weights = ParseRule("weight",
                                 "models = \"glm-5*\"\nweight = 0.4\ndays = \"sat-sun\"\n"
                                 "hours = \"22:00-06:00\"\ntz = \"UTC\"\n")
                           .weights;
  const core::WeightConfig expected = {
      .models = {"glm-5*"},
      .weight = 0.4,
      .when = {.days = {false, false, false, false, false, true, true},
               .from_minute = 22 * 60,
               .to_minute = 6 * 60}};
  ASSERT_EQ(weights.size(), 1u);
  EXPECT_EQ(weights[0], expected);
}

TEST(WeightTest, HoldsAlwaysByDefault) {
  EXPECT_EQ(ParseRule("weight", "models = \"m\"\nweight = 3\n").weights.at(0).when, Always());
}

TEST(WeightTest, WeightIsRequired) {
  EXPECT_EQ(RuleError("weight", "models = \"m\"\n"),
            "zb.toml:1: account.a.weight.weight: missing; expected a number from 0 to 1000");
}

TEST(WeightTest, AWeightOutOfItsRangeIsRefused) {
  EXPECT_EQ(RuleError("weight", "models = \"m\"\nweight = -0.5\n"),
            "zb.toml:3: account.a.weight.weight: found -0.5; expected a number from 0 to 1000");
  EXPECT_EQ(RuleError("weight", "models = \"m\"\nweight = 1001\n"),
            "zb.toml:3: account.a.weight.weight: found 1001; expected a number from 0 to 1000");
  EXPECT_EQ(RuleError("weight", "models = \"m\"\nweight = nan\n"),
            "zb.toml:3: account.a.weight.weight: found nan; expected a number from 0 to 1000");
}

TEST(WeightTest, BadHoursAreRefused) {
  EXPECT_EQ(RuleError("weight", "models = \"m\"\nweight = 1\nhours = 15\n"),
            "zb.toml:4: account.a.weight.hours: found 15; expected hours of the day, such as "
            "\"15:00-18:00\"");
}

TEST(WeightTest, TheSixtyFifthIsRefused) {
  EXPECT_EQ(ErrorOf(Many("weight", 65, "models = \"m\"\nweight = 1\n")),
            "zb.toml:193: account.a.weight: one weight too many; expected at most 64");
}

TEST(RateTest, EveryKeyIsTaken) {
  const auto rates =
      ParseRule("rate", "models = \"m\"\ninput = 6.9\ncached = 1.7\noutput = 24\n").rates;
  ASSERT_EQ(rates.size(), 1u);
  EXPECT_EQ(rates[0],
            (core::RateConfig{.models = {"m"}, .input = 6.9, .cached = 1.7, .output = 24}));
}

TEST(RateTest, EachPriceIsRequired) {
  EXPECT_EQ(RuleError("rate", "models = \"m\"\ninput = 1\noutput = 1\n"),
            "zb.toml:1: account.a.rate.cached: missing; expected a number from 0 to 1000000");
}

TEST(RateTest, ANegativePriceIsRefused) {
  EXPECT_EQ(RuleError("rate", "models = \"m\"\ninput = -1\ncached = 0\noutput = 1\n"),
            "zb.toml:3: account.a.rate.input: found -1; expected a number from 0 to 1000000");
}

TEST(McpCreditsTest, IsTaken) {
  EXPECT_EQ(Parse("[account.a]\nmcp_credits = 1.2\n").accounts.at(0).mcp_credits, 1.2);
}

TEST(McpCreditsTest, OtherThanANumberIsRefused) {
  EXPECT_EQ(ErrorOf("[account.a]\nmcp_credits = \"1\"\n"),
            "zb.toml:2: account.a.mcp_credits: found \"1\"; expected a number from 0 to 1000000");
}

TEST(ScheduleTest, EveryKeyIsTaken) {
  const auto schedules = ParseRule("schedule", "limit = 2\nhours = \"15:00-18:00\"\n").schedules;
  WeekHours when = Always();
  when.from_minute = 15 * 60;
  when.to_minute = 18 * 60;
  ASSERT_EQ(schedules.size(), 1u);
  EXPECT_EQ(schedules[0], (core::ScheduleConfig{.when = when, .limit = 2}));
}

TEST(ScheduleTest, LimitIsRequired) {
  EXPECT_EQ(RuleError("schedule", "days = \"mon\"\n"),
            "zb.toml:1: account.a.schedule.limit: missing; expected an integer from 1 to 1000");
}

TEST(PriorityTest, EveryKeyIsTaken) {
  const auto rules = ParseRule("priority",
                               "models = \"m\"\nprograms = [\"node\", \"claude\"]\n"
                               "background = true\npriority = \"background\"\n")
                         .priority_rules;
  const core::PriorityRule expected = {.models = {"m"},
                                       .programs = {"node", "claude"},
                                       .background = true,
                                       .priority = core::Priority::kBackground};
  ASSERT_EQ(rules.size(), 1u);
  EXPECT_EQ(rules[0], expected);
}

TEST(PriorityTest, WithoutConditionsMatchesAll) {
  const auto rules = ParseRule("priority", "priority = \"interactive\"\n").priority_rules;
  EXPECT_EQ(rules.at(0), (core::PriorityRule{.priority = core::Priority::kInteractive}));
}

TEST(PriorityTest, PriorityIsRequired) {
  EXPECT_EQ(RuleError("priority", "background = true\n"),
            "zb.toml:1: account.a.priority.priority: missing; expected \"interactive\", "
            "\"normal\" or \"background\"");
}

TEST(PriorityTest, AnUnknownPriorityIsRefused) {
  EXPECT_EQ(RuleError("priority", "priority = \"high\"\n"),
            "zb.toml:2: account.a.priority.priority: found \"high\"; expected \"interactive\", "
            "\"normal\" or \"background\"");
}

TEST(PriorityTest, BackgroundIsTrueOrFalse) {
  EXPECT_EQ(RuleError("priority", "background = 1\npriority = \"normal\"\n"),
            "zb.toml:2: account.a.priority.background: found 1; expected true or false");
}

TEST(PriorityTest, ProgramsThatAreNoPatternsAreRefused) {
  EXPECT_EQ(RuleError("priority", "programs = 1\npriority = \"normal\"\n"),
            absl::StrCat("zb.toml:2: account.a.priority.programs: found 1; ", kGlobRule));
}

TEST(RulesTest, KeepTheOrderOfTheFile) {
  const auto schedules =
      Parse("[[account.a.schedule]]\nlimit = 2\n[[account.a.schedule]]\nlimit = 1\n")
          .accounts.at(0)
          .schedules;
  ASSERT_EQ(schedules.size(), 2u);
  EXPECT_EQ(schedules[0].limit, 2);
  EXPECT_EQ(schedules[1].limit, 1);
}

TEST(RulesTest, UnknownKeysAreRefused) {
  EXPECT_EQ(RuleError("schedule", "limit = 1\ntimes = 1\n"),
            "zb.toml:3: account.a.schedule.times: unknown key; expected limit, days, hours or tz");
}

}  // namespace
}  // namespace zbroker::config
