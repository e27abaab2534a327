#include "client/zctl/gauges.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/unit/zctl/message.h"

namespace zbroker::zctl {
namespace {

std::string Render(const std::string& account, size_t columns = 80) {
  return RenderGauges(Parse<v1::AccountStatus>(account), absl::FromUnixSeconds(kNoon),
                      Plain(columns));
}

// The line of the only window of an account without slots.
std::string RenderWindow(const std::string& window) {
  const std::vector<std::string> lines = absl::StrSplit(
      Render(absl::StrCat("windows { name: '5h' unit: 'prompts' ", window, " }")), '\n');
  return lines.at(1);
}

std::string NextRelease(int64_t seconds) {
  return absl::StrCat(" next_release { seconds: ", kNoon + seconds, " }");
}

TEST(GaugesTest, OnePromptIsOne) {
  EXPECT_NE(RenderWindow("used: 1").find(" 1 prompt"), std::string::npos);
  EXPECT_EQ(RenderWindow("used: 1").find("prompts"), std::string::npos);
  EXPECT_NE(RenderWindow("used: 2").find(" 2 prompts"), std::string::npos);
}

TEST(GaugesTest, WindowOfSomeModelsNamesThem) {
  EXPECT_NE(RenderWindow("used: 2 limit: 9 models: 'glm-5*' models: '*-air'")
                .find("2 of 9 prompts of glm-5*, *-air"),
            std::string::npos);
  EXPECT_NE(RenderWindow("used: 1 models: 'glm-5*'").find("1 prompt of glm-5*"), std::string::npos);
}

TEST(GaugesTest, WindowOfToolCallsIsShownOnlyWhereItIsUsed) {
  const std::string unused = "name: 'mcp' unit: 'mcp_calls' limit: 100 kind: 'anchored' ";
  EXPECT_EQ(Render(absl::StrCat("windows { ", unused, " }")).find("mcp"), std::string::npos);
  for (const char* use : {"used: 1", "exhausted: true", "meter { percent: 3 }"}) {
    EXPECT_NE(Render(absl::StrCat("windows { ", unused, use, " }")).find("mcp"), std::string::npos)
        << use;
  }
}

TEST(GaugesTest, IdleAccount) {
  EXPECT_EQ(Render("slots { limit: 3 }"),
            "  slots  ░░░░░░░░░░░░░░░░░░░░  0 of 3 in flight  idle\n");
}

TEST(GaugesTest, BusyAccountSaysWhoWaitsAndWhereTheLimitComesFrom) {
  EXPECT_EQ(Render("slots { limit: 2 in_flight: 1 waiting: 4 pinned: true configured: 3 }"),
            "  slots  ██████████░░░░░░░░░░  1 of 2 in flight  4 waiting\n"
            "                                                 limit 2, pinned; configured 3\n");
}

TEST(GaugesTest, LearnedLimitIsSetBesideTheConfiguredOne) {
  EXPECT_NE(Render("slots { limit: 4 in_flight: 1 learned: true source: 'learned' configured: 3 }")
                .find("1 of 4 in flight  limit 4, learned; configured 3\n"),
            std::string::npos);
}

TEST(GaugesTest, ScheduledLimitSaysSo) {
  EXPECT_NE(Render("slots { limit: 2 in_flight: 1 source: 'scheduled' configured: 2 }")
                .find("1 of 2 in flight  limit 2, scheduled\n"),
            std::string::npos);
}

TEST(GaugesTest, TrialAndWaitHaveLinesOfTheirOwn) {
  EXPECT_EQ(Render("slots { limit: 2 in_flight: 3 waiting: 1 "
                   "learned_limits { limit: 2 in_force: true trial_under_way: true } } "
                   "expected_wait { seconds: 40 }"),
            "  slots  ████████████████████  3 of 2 in flight  draining, 1 waiting\n"
            "                                                 trying whether 3 are served\n"
            "                                                 a new request would wait ~40s\n");
}

TEST(GaugesTest, NobodyWaitsWhereHeIsRefused) {
  for (const char* reason : {"wall", "breaker", "plan"}) {
    EXPECT_EQ(
        Render(absl::StrCat("slots { limit: 2 } expected_wait { seconds: 40 } blocked { reason: '",
                            reason, "' }"))
            .find("would wait"),
        std::string::npos)
        << reason;
  }
  EXPECT_NE(Render("slots { limit: 2 } expected_wait { seconds: 40 } blocked { reason: 'paused' }")
                .find("would wait ~40s"),
            std::string::npos);
}

TEST(GaugesTest, NobodyWaitsInShadowMode) {
  EXPECT_EQ(Render("slots { limit: 3 in_flight: 3 } expected_wait { seconds: 40 } "
                   "shadow { on: true }"),
            "  slots  ████████████████████  3 of 3 in flight\n");
}

TEST(GaugesTest, NoWaitIsNotWorthALine) {
  EXPECT_EQ(Render("slots { limit: 3 } expected_wait { }"),
            "  slots  ░░░░░░░░░░░░░░░░░░░░  0 of 3 in flight  idle\n");
}

TEST(GaugesTest, PoolsStandBelowTheSlots) {
  EXPECT_EQ(Render("slots { limit: 3 in_flight: 1 "
                   "pools { models: '*flash*' limit: 1 in_flight: 1 } "
                   "pools { models: 'glm-4.7*' models: 'glm-4.5-air*' limit: 2 } }"),
            "  slots                   ██████░░░░░░░░░░░░░░  1 of 3 in flight\n"
            "    *flash*               ████████████████████  1 of 1 in flight\n"
            "    glm-4.7*, glm-4.5-a…  ░░░░░░░░░░░░░░░░░░░░  0 of 2 in flight\n");
}

TEST(GaugesTest, LoweredLimitDrains) {
  EXPECT_EQ(Render("slots { limit: 2 in_flight: 3 }"),
            "  slots  ████████████████████  3 of 2 in flight  draining\n");
}

TEST(GaugesTest, WindowSaysWhenTheNextChargeAgesOut) {
  EXPECT_EQ(RenderWindow("used: 87 limit: 600" + NextRelease(7500)),
            "  5h     ██░░░░░░░░░░░░░░  87 of 600 prompts  14%  next ages out 14:05:00 (2h5m)");
}

TEST(GaugesTest, WindowWithoutLimitOnlyCounts) {
  EXPECT_EQ(RenderWindow("used: 87"), "  5h     87 prompts");
}

TEST(GaugesTest, ExhaustedWindowSaysSo) {
  EXPECT_EQ(RenderWindow("used: 600 limit: 600 exhausted: true" + NextRelease(60)),
            "  5h     █████████████  600 of 600 prompts  100%  exhausted, frees 12:01:00 (1m)");
}

TEST(GaugesTest, AnchoredWindowSaysWhenItIsReset) {
  EXPECT_EQ(RenderWindow("used: 87 limit: 600 kind: 'anchored' " + NextRelease(7500) +
                         " reset { seconds: 1795352400 }"),
            "  5h     ██░░░░░░░░░░░░░░░░░░  87 of 600 prompts  14%  resets 13:00:00 (1h)");
  EXPECT_EQ(RenderWindow("used: 600 limit: 600 exhausted: true kind: 'anchored'" + NextRelease(60)),
            "  5h     ████████████  600 of 600 prompts  100%  exhausted, resets 12:01:00 (1m)");
}

TEST(GaugesTest, ForecastHasALineOfItsOwn) {
  EXPECT_EQ(Render(absl::StrCat("windows { name: '5h' unit: 'prompts' used: 300 limit: 600 ",
                                NextRelease(7500), " runs_out { seconds: ", kNoon + 8400, " } }")),
            "  slots                   0 of 0 in flight         idle\n"
            "  5h     ███████░░░░░░░░  300 of 600 prompts  50%  next ages out 14:05:00 (2h5m)\n"
            "                                                   runs out ~14:20 at this rate\n");
}

TEST(GaugesTest, ProbedWindowBeyondItsFigureIsNotExhausted) {
  const std::string text = Render(
      "windows { name: '5h' unit: 'prompts' used: 87 limit: 80 enforce: 'probe' "
      "kind: 'anchored' exhausted: true reset { seconds: 1795352400 } }");
  EXPECT_NE(text.find("87 of 80 prompts  108%  the figure is approximate; one at a time\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("  resets 13:00:00 (1h)\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("exhausted"), std::string::npos) << text;
}

TEST(GaugesTest, WindowThatIsNotEnforcedOnlyCounts) {
  EXPECT_NE(RenderWindow("used: 81 limit: 80 enforce: 'off'").find("101%  only counts"),
            std::string::npos);
}

TEST(GaugesTest, ExhaustedWindowIsAlarming) {
  ViewOptions options = Plain();
  options.color = true;
  EXPECT_NE(RenderGauges(
                Parse<v1::AccountStatus>("windows { name: '5h' used: 6 limit: 6 exhausted: true }"),
                absl::FromUnixSeconds(kNoon), options)
                .find("\x1b[1;31mexhausted\x1b[0m"),
            std::string::npos);
}

TEST(GaugesTest, AnyUseShows) {
  EXPECT_EQ(RenderWindow("used: 1 limit: 4000"),
            "  5h     █░░░░░░░░░░░░░░░░░░░  1 of 4000 prompts  0%");
}

TEST(GaugesTest, NearlyFullIsNotFull) {
  EXPECT_EQ(RenderWindow("used: 3999 limit: 4000"),
            "  5h     ███████████████████░  3999 of 4000 prompts  99%");
}

TEST(GaugesTest, MoreThanFullIsFull) {
  EXPECT_EQ(RenderWindow("used: 660 limit: 600"),
            "  5h     ████████████████████  660 of 600 prompts  110%");
}

TEST(GaugesTest, UnitIsReadable) {
  EXPECT_NE(Render("windows { name: 'm' unit: 'mcp_calls' used: 3 }").find("3 mcp calls"),
            std::string::npos);
}

TEST(GaugesTest, NarrowScreenHasNoBars) {
  EXPECT_EQ(Render("slots { limit: 3 in_flight: 1 waiting: 2 }", 40),
            "  slots  1 of 3 in flight  2 waiting\n");
}

TEST(GaugesTest, NamesAreEscaped) {
  EXPECT_NE(Render("windows { name: 'a\\033[2J' }").find("a\\x1b[2J"), std::string::npos);
}

TEST(GaugesTest, ProvidersFigureStandsBesideOurs) {
  const auto render = [](const std::string& meter) {
    return Render(absl::StrCat("windows { name: '5h' unit: 'prompts' used: 122 limit: 200 meter { ",
                               meter, " } }"),
                  120);
  };
  EXPECT_NE(render("percent: 61.9 ours_percent: 48.2 foreign: 26")
                .find("provider 61 %, ours 48 %: 26 prompts came from elsewhere"),
            std::string::npos);
  EXPECT_NE(render("percent: 61 ours_percent: 60 foreign: 1").find("1 prompt came from elsewhere"),
            std::string::npos);
  EXPECT_NE(render("percent: 61 ours_percent: 69 foreign: -16")
                .find("provider 61 %, ours 69 %: 16 prompts fewer than counted here"),
            std::string::npos);
  EXPECT_NE(render("percent: 61 ours_percent: 61").find("provider 61 %, as counted here"),
            std::string::npos);
}

TEST(GaugesTest, WindowThatTheProviderCallsUsedUpSaysSo) {
  const std::string text = Render(
      "windows { name: '5h' unit: 'prompts' used: 200 limit: 200 enforce: 'probe' "
      "exhausted: true meter { percent: 100 ours_percent: 10 foreign: 180 used_up: true } }",
      120);
  EXPECT_NE(text.find("used up, says the provider"), std::string::npos) << text;
  EXPECT_NE(text.find("180 prompts came from elsewhere"), std::string::npos) << text;
  EXPECT_EQ(text.find("one at a time"), std::string::npos) << text;
}

TEST(GaugesTest, WindowWithoutALimitHasTheProvidersFigureAlone) {
  EXPECT_EQ(RenderWindow("used: 87 meter { percent: 61 }"),
            "  5h     87 prompts        provider 61 %");
}

}  // namespace
}  // namespace zbroker::zctl
