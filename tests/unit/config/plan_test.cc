// What a plan brings to its account, and how the rest of the file changes it.
#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "daemon/config/presets.h"
#include "daemon/core/prices.h"
#include "tests/unit/config/parse.h"

namespace zbroker::config {
namespace {

using core::AccountConfig;
using core::Amount;
using core::Kind;
using core::Unit;
using core::WindowConfig;

const absl::TimeZone kChina = absl::FixedTimeZone(8 * 60 * 60);
// A Monday.
const absl::Time kPeak = absl::FromCivil(absl::CivilHour(2026, 11, 23, 17), kChina);
const absl::Time kOffPeak = absl::FromCivil(absl::CivilHour(2026, 11, 23, 18), kChina);

AccountConfig ParseAccount(absl::string_view lines) {
  return Parse(absl::StrCat("[account.a]\n", lines)).accounts.at(0);
}

// What a prompt charges the account's first window.
double PromptCost(const AccountConfig& account, const std::string& model, absl::Time wall) {
  return core::Prices(account)
      .ChargeFor(account.windows.at(0), {.model = model, .kind = Kind::kPrompt}, wall)
      .ToDouble();
}

struct Published {
  Plan plan;
  Generation generation;
  Unit unit;
  double five_hours, week, mcp;
  int slots;
};

class PresetTest : public ::testing::TestWithParam<Published> {};

TEST_P(PresetTest, HasThePublishedFigures) {
  const Published& published = GetParam();
  const absl::CivilSecond purchased(2026, 5, 31, 14, 5);
  const AccountConfig account = PresetOf(published.plan, published.generation, purchased);
  EXPECT_EQ(account.slots.limit, published.slots);
  std::vector<std::string> names;
  for (const WindowConfig& window : account.windows) {
    names.push_back(window.name);
    EXPECT_EQ(window.enforce, core::Enforce::kProbe) << window.name;
    EXPECT_EQ(window.kind, core::WindowKind::kAnchored) << window.name;
    EXPECT_EQ(window.zone, kChina) << window.name;
    const bool mcp = window.name == "mcp";
    EXPECT_EQ(window.unit, mcp ? Unit::kMcpCalls : published.unit) << window.name;
    if (window.name == "5h") {
      EXPECT_EQ(window.limit.ToDouble(), published.five_hours);
      EXPECT_EQ(window.length, absl::Hours(5));
      EXPECT_FALSE(window.anchor.has_value());
    } else if (window.name == "week") {
      EXPECT_EQ(window.limit.ToDouble(), published.week);
      EXPECT_EQ(window.length, absl::Hours(7 * 24));
      EXPECT_EQ(window.anchor, purchased);
    } else {
      EXPECT_EQ(window.limit.ToDouble(), published.mcp);
      EXPECT_EQ(window.months, 1);
      EXPECT_EQ(window.anchor, purchased);
    }
  }
  const std::vector<std::string> expected = published.week > 0
                                                ? std::vector<std::string>{"5h", "week", "mcp"}
                                                : std::vector<std::string>{"5h", "mcp"};
  EXPECT_EQ(names, expected);
}

INSTANTIATE_TEST_SUITE_P(
    Plans, PresetTest,
    ::testing::Values(
        Published{Plan::kLite, Generation::kV1, Unit::kPrompts, 120, 0, 100, 2},
        Published{Plan::kPro, Generation::kV1, Unit::kPrompts, 600, 0, 1'000, 3},
        Published{Plan::kMax, Generation::kV1, Unit::kPrompts, 2'400, 0, 4'000, 4},
        Published{Plan::kLite, Generation::kV2, Unit::kPrompts, 80, 400, 100, 2},
        Published{Plan::kPro, Generation::kV2, Unit::kPrompts, 400, 2'000, 1'000, 3},
        Published{Plan::kMax, Generation::kV2, Unit::kPrompts, 1'600, 8'000, 4'000, 4},
        Published{Plan::kLite, Generation::kV3, Unit::kCredits, 2'000, 10'000, 100, 2},
        Published{Plan::kPro, Generation::kV3, Unit::kCredits, 12'000, 60'000, 1'000, 3},
        Published{Plan::kMax, Generation::kV3, Unit::kCredits, 28'000, 140'000, 4'000, 4}));

TEST(PresetWeightsTest, PromptsOfV1AreAllAlike) {
  const AccountConfig v1 = PresetOf(Plan::kPro, Generation::kV1, {});
  EXPECT_EQ(PromptCost(v1, "glm-5.1", kPeak), 1);
}

TEST(PresetWeightsTest, PromptsOfV2DependOnModelAndHour) {
  const AccountConfig v2 = PresetOf(Plan::kPro, Generation::kV2, {});
  for (const auto& [model, peak, off_peak] : {std::tuple("glm-5", 3.0, 2.0),
                                              {"glm-5.1", 3.0, 2.0},
                                              {"GLM-5-Turbo", 3.0, 2.0},
                                              {"glm-5.3", 3.0, 1.0},
                                              {"glm-5.3-flash", 1.2, 0.4},
                                              {"glm-4.7", 1.0, 1.0}}) {
    EXPECT_EQ(PromptCost(v2, model, kPeak), peak) << model;
    EXPECT_EQ(PromptCost(v2, model, kOffPeak), off_peak) << model;
    EXPECT_EQ(PromptCost(v2, model, kPeak + absl::Hours(5 * 24)), off_peak) << "Saturday " << model;
  }
}

TEST(PresetWeightsTest, CreditsOfV3AreByTokensAndHalfOffPeak) {
  const AccountConfig v3 = PresetOf(Plan::kPro, Generation::kV3, {});
  const core::Prices prices(v3);
  const core::TokenUsage usage = {.input = 10'000, .cached = 10'000, .output = 10'000};
  for (const auto& [model, credits] : {std::pair("glm-5.3", 6.9 + 1.7 + 24),
                                       {"glm-5.3-flash", 2.3 + 0.56 + 8},
                                       {"glm-5-turbo", 5.7 + 1.5 + 21},
                                       {"glm-4.7", 4.6 + 1.2 + 16},
                                       {"glm-4.6v", 1.2 + 0.3 + 2.7}}) {
    const core::Request prompt = {.model = model};
    EXPECT_EQ(prices.Settle(v3.windows[0], prompt, usage, kPeak), Amount::FromDouble(credits))
        << model;
    EXPECT_EQ(prices.Settle(v3.windows[0], prompt, usage, kOffPeak),
              Amount::FromDouble(credits / 2))
        << model;
  }
  core::Request mcp = {.model = "filesystem_read", .kind = Kind::kMcp};
  EXPECT_EQ(prices.ChargeFor(v3.windows[2], mcp, kOffPeak), core::Amount()) << "others' tools";
  mcp.model = "web_search_prime";
  EXPECT_EQ(prices.ChargeFor(v3.windows[0], mcp, kPeak), Amount::FromDouble(1.2));
  EXPECT_EQ(prices.ChargeFor(v3.windows[2], mcp, kOffPeak), Amount::FromDouble(1));
}

TEST(PlanTest, IsOfTheNewestGenerationByDefault) {
  AccountConfig expected = PresetOf(Plan::kMax, Generation::kV3, {});
  expected.name = "a";
  EXPECT_EQ(ParseAccount("plan = \"max\"\n"), expected);
}

TEST(PlanTest, EveryKeyIsTaken) {
  AccountConfig expected =
      PresetOf(Plan::kLite, Generation::kV2, absl::CivilSecond(2026, 3, 2, 14, 5));
  expected.name = "a";
  EXPECT_EQ(ParseAccount("plan = \"lite\"\ngeneration = \"v2\"\npurchased = 2026-03-02T14:05:00\n"),
            expected);
}

TEST(PlanTest, PurchaseIsByTheClocksOfTheProvider) {
  EXPECT_EQ(ParseAccount("plan = \"pro\"\npurchased = 2026-03-01T20:00:00Z\n").windows.at(1).anchor,
            absl::CivilSecond(2026, 3, 2, 4));
  EXPECT_EQ(ParseAccount("plan = \"pro\"\npurchased = 2026-03-01\n").windows.at(1).anchor,
            absl::CivilSecond(2026, 3, 1));
}

TEST(PlanTest, SlotsOfTheFileWin) {
  const core::SlotsConfig slots = ParseAccount("plan = \"max\"\nslots.limit = 1\n").slots;
  EXPECT_EQ(slots.limit, 1);
  EXPECT_EQ(ParseAccount("plan = \"max\"\nslots.learn = false\n").slots.limit, 4);
}

TEST(PlanTest, AWindowOfTheSameNameTakesThePlace) {
  const AccountConfig account = ParseAccount(
      "plan = \"pro\"\n[[account.a.window]]\nname = \"week\"\nlength = \"7d\"\nlimit = 5\n"
      "[[account.a.window]]\nname = \"day\"\nlength = \"1d\"\nlimit = 3\n");
  ASSERT_EQ(account.windows.size(), 4u);
  EXPECT_EQ(account.windows[1].name, "week");
  EXPECT_EQ(account.windows[1].unit, Unit::kPrompts);
  EXPECT_EQ(account.windows[1].limit.ToDouble(), 5);
  EXPECT_EQ(account.windows[3].name, "day");
}

TEST(PlanTest, TwoWindowsOfOneNameAreRefusedHereToo) {
  EXPECT_EQ(ErrorOf("[account.a]\nplan = \"pro\"\n"
                    "[[account.a.window]]\nname = \"5h\"\nlength = \"5h\"\nlimit = 3\n"
                    "[[account.a.window]]\nname = \"5h\"\nlength = \"5h\"\nlimit = 4\n"),
            "zb.toml:8: account.a.window.name: \"5h\" is also the window on line 4; "
            "expected a name of its own");
}

TEST(PlanTest, WindowsOfThePlanCountAmongTheMost) {
  std::string text = "[account.a]\nplan = \"pro\"\n";
  for (int i = 1; i <= 14; ++i) {
    absl::StrAppend(&text, "[[account.a.window]]\nname=\"w", i, "\"\nlength=\"1h\"\nlimit=1\n");
  }
  EXPECT_EQ(ErrorOf(text),
            "zb.toml:55: account.a.window: one window too many; expected at most 16");
}

TEST(PlanTest, RulesOfTheFileComeFirst) {
  const AccountConfig account = ParseAccount(
      "plan = \"pro\"\n[[account.a.weight]]\nmodels = \"glm-4.7\"\nweight = 9\n"
      "[[account.a.rate]]\nmodels = \"glm-4.7\"\ninput = 1\ncached = 1\noutput = 1\n");
  const core::Prices prices(account);
  EXPECT_EQ(prices.Settle(account.windows[0], {.model = "glm-4.7"}, {.input = 10'000}, kPeak),
            Amount::FromDouble(9));
  EXPECT_EQ(prices.Settle(account.windows[0], {.model = "glm-5.3"}, {.input = 10'000}, kPeak),
            Amount::FromDouble(6.9));
}

TEST(PlanTest, PoolsOfTheFileReplaceThePlans) {
  EXPECT_EQ(ParseAccount("plan = \"pro\"\n").pools.at(0).limit, 1);
  const AccountConfig account =
      ParseAccount("plan = \"pro\"\n[[account.a.pool]]\nmodels = \"*flash*\"\nlimit = 8\n");
  ASSERT_EQ(account.pools.size(), 1u);
  EXPECT_EQ(account.pools[0].limit, 8);
}

TEST(PlanTest, AnUnknownPlanIsRefused) {
  EXPECT_EQ(ErrorOf("[account.a]\nplan = \"ultra\"\ngeneration = \"v1\"\n"),
            "zb.toml:2: account.a.plan: found \"ultra\"; expected \"lite\", \"pro\" or \"max\"");
}

TEST(PlanTest, AnUnknownGenerationIsRefused) {
  EXPECT_EQ(ErrorOf("[account.a]\nplan = \"pro\"\ngeneration = 2\n"),
            "zb.toml:3: account.a.generation: found 2; expected \"v1\", \"v2\" or \"v3\"");
}

TEST(PlanTest, APurchaseThatIsNoDateIsRefused) {
  EXPECT_EQ(ErrorOf("[account.a]\nplan = \"pro\"\npurchased = \"May\"\n"),
            "zb.toml:3: account.a.purchased: found \"May\"; expected a date without quotes, such "
            "as 2026-11-20 or 2026-11-20T09:30:00, of a year from 2000 to 2199");
}

TEST(PlanTest, GenerationAndPurchaseNeedAPlan) {
  EXPECT_EQ(ErrorOf("[account.a]\ngeneration = \"v2\"\n"),
            "zb.toml:2: account.a.generation: says nothing without a plan; expected "
            "plan = \"lite\", \"pro\" or \"max\" beside it");
  EXPECT_EQ(ErrorOf("[account.a]\npurchased = 2026-05-31\n"),
            "zb.toml:2: account.a.purchased: says nothing without a plan; expected "
            "plan = \"lite\", \"pro\" or \"max\" beside it");
}

}  // namespace
}  // namespace zbroker::config
