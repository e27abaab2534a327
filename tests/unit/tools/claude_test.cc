#include "shims/tools/claude.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "shims/tools/json_settings.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/tools/fake_surroundings.h"

namespace zbroker::tools {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using testing::Fails;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

constexpr char kGateway[] = "http://127.0.0.1:4242/token";
constexpr char kManaged[] = "/etc/claude-code/managed-settings.json";
constexpr char kLocal[] = "/work/project/.claude/settings.local.json";
constexpr char kProject[] = "/work/project/.claude/settings.json";
constexpr char kUser[] = "/home/me/.claude/settings.json";

// Settings that name http://NAME/ as the base URL.
std::string Naming(const std::string& name) {
  return absl::StrCat(R"({"env":{"ANTHROPIC_BASE_URL":"http://)", name, R"(/"}})");
}

class ClaudeTest : public ::testing::Test {
 protected:
  ClaudeTest() {
    machine_.files["/config.toml"] = "[account.default]\nupstream = 'https://configured/x'\n";
  }

  absl::StatusOr<Plan> PlanFor(std::vector<std::string> arguments = {}) {
    return kClaude.plan({.arguments = std::move(arguments)}, machine_);
  }
  std::string UpstreamFor(std::vector<std::string> arguments = {}) {
    const auto plan = PlanFor(std::move(arguments));
    EXPECT_OK(plan);
    return plan.ok() ? plan->upstream : "";
  }
  // The settings that a run is given.
  JsonObject SettingsFor(std::vector<std::string> arguments) {
    const auto plan = PlanFor(std::move(arguments));
    EXPECT_OK(plan);
    return *JsonObject::Parse(plan->launch(kGateway).file->content);
  }

  FakeSurroundings machine_;
};

TEST_F(ClaudeTest, TakesTheUpstreamFromWhereClaudeWould) {
  machine_.variables["ANTHROPIC_BASE_URL"] = "http://environment";
  EXPECT_EQ(UpstreamFor(), "http://environment");
  machine_.files[kUser] = Naming("user");
  EXPECT_EQ(UpstreamFor(), "http://user");
  machine_.files[kProject] = Naming("project");
  EXPECT_EQ(UpstreamFor(), "http://project");
  machine_.files[kLocal] = Naming("local");
  EXPECT_EQ(UpstreamFor(), "http://local");
  EXPECT_EQ(UpstreamFor({"--settings", Naming("flag")}), "http://flag");
}

TEST_F(ClaudeTest, UpstreamNamedForTheRunWinsOverAll) {
  machine_.files[kUser] = Naming("user");
  const auto plan = kClaude.plan(
      {.arguments = {"--settings", Naming("flag")}, .upstream = "http://named/api/"}, machine_);
  ASSERT_OK(plan);
  EXPECT_EQ(plan->upstream, "http://named/api");
}

TEST_F(ClaudeTest, SettingsThatNameNoUrlHideNothing) {
  machine_.variables["ANTHROPIC_BASE_URL"] = "http://environment";
  machine_.files[kLocal] = R"({"env":{"OTHER":"x"}})";
  machine_.files[kProject] = R"({"env":"nonsense"})";
  machine_.files[kUser] = "{}";
  EXPECT_EQ(UpstreamFor(), "http://environment");
}

TEST_F(ClaudeTest, EmptySettingHidesTheEnvironment) {
  machine_.variables["ANTHROPIC_BASE_URL"] = "http://environment";
  machine_.files[kUser] = R"({"env":{"ANTHROPIC_BASE_URL":""}})";
  EXPECT_EQ(UpstreamFor(), "https://configured/x");
}

TEST_F(ClaudeTest, DefaultIsTheConfiguredUpstream) {
  const auto plan = PlanFor();
  ASSERT_OK(plan);
  EXPECT_EQ(plan->upstream, "https://configured/x");
  EXPECT_THAT(plan->remarks, IsEmpty());
}

TEST_F(ClaudeTest, AKeyGoesNowhereThatNobodyNamed) {
  machine_.files.erase("/config.toml");
  const auto plan = PlanFor();
  ASSERT_FALSE(plan.ok());
  EXPECT_TRUE(absl::IsInvalidArgument(plan.status())) << plan.status();
  EXPECT_THAT(plan.status().message(), HasSubstr("--upstream"));
}

TEST_F(ClaudeTest, LastOfSeveralSettingsCounts) {
  EXPECT_EQ(UpstreamFor({"--settings", Naming("first"), "-p", "--settings=" + Naming("last")}),
            "http://last");
}

TEST_F(ClaudeTest, SettingsMayBeAFile) {
  machine_.files["flag.json"] = Naming("flag");
  EXPECT_EQ(UpstreamFor({"--settings", "flag.json"}), "http://flag");
}

TEST_F(ClaudeTest, WhatFollowsTwoDashesIsNoOption) {
  machine_.files[kUser] = Naming("user");
  const auto plan = PlanFor({"-p", "--", "--settings", Naming("flag")});
  ASSERT_OK(plan);
  EXPECT_EQ(plan->upstream, "http://user");
  EXPECT_THAT(plan->launch(kGateway).arguments,
              ElementsAre("--settings", "", "-p", "--", "--settings", Naming("flag")));
}

TEST_F(ClaudeTest, SettingSourcesLimitWhichFilesAreRead) {
  machine_.variables["ANTHROPIC_BASE_URL"] = "http://environment";
  machine_.files[kLocal] = Naming("local");
  machine_.files[kUser] = Naming("user");
  EXPECT_EQ(UpstreamFor({"--setting-sources", "user, project"}), "http://user");
  EXPECT_EQ(UpstreamFor({"--setting-sources="}), "http://environment");
}

TEST_F(ClaudeTest, ConfigurationDirectoryMovesTheUsersSettings) {
  machine_.files[kUser] = Naming("user");
  machine_.files["/elsewhere/settings.json"] = Naming("elsewhere");
  machine_.variables["CLAUDE_CONFIG_DIR"] = "/elsewhere";
  EXPECT_EQ(UpstreamFor(), "http://elsewhere");
}

TEST_F(ClaudeTest, ManagedUrlCannotBeOverridden) {
  machine_.files[kManaged] = Naming("managed");
  EXPECT_THAT(PlanFor(), Fails(absl::StatusCode::kFailedPrecondition, HasSubstr(kManaged)));
  machine_.files[kManaged] = R"({"env":{"OTHER":"x"}})";
  EXPECT_OK(PlanFor());
  const std::string part = "/etc/claude-code/managed-settings.d/10-network.json";
  machine_.files[part] = Naming("managed");
  EXPECT_THAT(PlanFor(), Fails(absl::StatusCode::kFailedPrecondition, HasSubstr(part)));
}

TEST_F(ClaudeTest, SettingsThatCannotBeUsedArePassedOverWithARemark) {
  machine_.variables["ANTHROPIC_BASE_URL"] = "http://environment";
  machine_.files[kUser] = Naming("user") + " // comment";
  machine_.broken_files[kProject] = absl::FailedPreconditionError("is too large");
  machine_.files["flag.json"] = "{bad}";
  const auto plan = PlanFor({"--settings", "flag.json"});
  ASSERT_OK(plan);
  EXPECT_EQ(plan->upstream, "http://environment");
  EXPECT_THAT(plan->remarks,
              ElementsAre(HasSubstr("--settings"), HasSubstr("too large"), HasSubstr(kUser)));
}

TEST_F(ClaudeTest, MistakeInTheTextOfSettingsIsNoMissingFile) {
  for (const char* text : {"{bad", "{bad}", " \n{\"a\":1}}", "{\"env\":{\"TOKEN\":\"secret\"}"}) {
    EXPECT_THAT(
        PlanFor({"--settings", text}),
        Fails(absl::StatusCode::kInvalidArgument,
              AllOf(HasSubstr("--settings"), HasSubstr("is not JSON"), Not(HasSubstr("secret")))))
        << text;
  }
  EXPECT_OK(PlanFor({"--settings", " {} \n"}));
}

TEST_F(ClaudeTest, SettingsFileThatIsNotThereIsLeftToClaude) {
  EXPECT_THAT(PlanFor({"--settings", "absent.json"}),
              Fails(absl::StatusCode::kFailedPrecondition, HasSubstr("absent.json")));
}

TEST_F(ClaudeTest, UrlThatIsNotValidIsReportedWithItsPlace) {
  machine_.files[kUser] = R"({"env":{"ANTHROPIC_BASE_URL":"nonsense"}})";
  EXPECT_THAT(PlanFor(), Fails(absl::StatusCode::kInvalidArgument, HasSubstr(kUser)));
}

TEST_F(ClaudeTest, BackgroundSessionOutlivesAnyGateway) {
  EXPECT_THAT(PlanFor({"--bg", "do it"}),
              Fails(absl::StatusCode::kFailedPrecondition, HasSubstr("zlease gateway")));
}

TEST_F(ClaudeTest, LaunchHidesTheUrlInAFile) {
  const auto plan = PlanFor({"-p", "hi"});
  ASSERT_OK(plan);
  const Launch launch = plan->launch(kGateway);
  EXPECT_THAT(launch.arguments, ElementsAre("--settings", "", "-p", "hi"));
  ASSERT_TRUE(launch.file);
  Launch told = launch;
  launch.file->tell("/state/settings", told);
  EXPECT_EQ(told.arguments[1], "/state/settings");
  EXPECT_EQ(launch.file->content,
            R"({"env":{"ANTHROPIC_BASE_URL":"http://127.0.0.1:4242/token"}})");
  EXPECT_THAT(launch.variables, ElementsAre(Pair("ANTHROPIC_BASE_URL", kGateway)));
}

TEST_F(ClaudeTest, UsersSettingsAreKept) {
  const JsonObject settings = SettingsFor(
      {"--settings", R"({"model":"glm-4.7","env":{"A":"é","ANTHROPIC_BASE_URL":"http://x"}})"});
  EXPECT_EQ(settings.String({"model"}), "glm-4.7");
  EXPECT_EQ(settings.String({"env", "A"}), "é");
  EXPECT_EQ(settings.String({"env", "ANTHROPIC_BASE_URL"}), kGateway);
}

TEST_F(ClaudeTest, ProxiesOfTheSettingsAreForTheGateway) {
  machine_.files[kUser] =
      R"({"env":{"HTTPS_PROXY":"http://proxy:3128","NO_PROXY":"intranet","OTHER":"x"}})";
  const auto plan = PlanFor();
  ASSERT_OK(plan);
  EXPECT_THAT(plan->gateway_variables,
              ElementsAre(Pair("HTTPS_PROXY", "http://proxy:3128"), Pair("NO_PROXY", "intranet")));
}

TEST_F(ClaudeTest, ClaudeReachesItsGatewayWithoutTheProxy) {
  machine_.variables["HTTP_PROXY"] = "http://proxy:3128";
  machine_.files[kUser] = R"({"env":{"NO_PROXY":"intranet"}})";
  const JsonObject settings = SettingsFor({});
  EXPECT_EQ(settings.String({"env", "NO_PROXY"}), "intranet,127.0.0.1");
  EXPECT_EQ(settings.String({"env", "no_proxy"}), "intranet,127.0.0.1");
}

TEST_F(ClaudeTest, BytesThatAreNotTextStayOutOfTheSettings) {
  machine_.variables["HTTP_PROXY"] = "http://proxy:3128";
  machine_.variables["NO_PROXY"] = "\xff";
  const auto plan = PlanFor({"--settings", R"({"model":"glm-4.7"})"});
  ASSERT_OK(plan);
  const Launch launch = plan->launch(kGateway);
  EXPECT_EQ(ValueIn(launch.variables, "NO_PROXY"), "\xff,127.0.0.1");
  const auto settings = JsonObject::Parse(launch.file->content);
  ASSERT_OK(settings);
  EXPECT_EQ(settings->String({"model"}), "glm-4.7");
  EXPECT_EQ(settings->String({"env", "ANTHROPIC_BASE_URL"}), kGateway);
}

TEST_F(ClaudeTest, CommandsThatCallNoModelAreKnown) {
  for (const char* first : {"--version", "-v", "--help", "mcp", "config", "update", "doctor"}) {
    EXPECT_FALSE(kClaude.calls_models({first, "x"})) << first;
  }
  EXPECT_TRUE(kClaude.calls_models({}));
  EXPECT_TRUE(kClaude.calls_models({"-p", "mcp"}));
  EXPECT_TRUE(kClaude.calls_models({"--continue"}));
}

TEST_F(ClaudeTest, LookTellsWhatIsOverriddenToo) {
  machine_.files[kProject] = Naming("project");
  machine_.files[kUser] = Naming("user");
  machine_.variables["ANTHROPIC_BASE_URL"] = "http://variable/";
  const Look look = kClaude.look(machine_);
  ASSERT_EQ(look.routes.size(), 1u);
  EXPECT_EQ(look.routes[0].url, "http://project/");
  ASSERT_EQ(look.overridden.size(), 2u);
  EXPECT_EQ(look.overridden[0].place, kUser);
  EXPECT_EQ(look.overridden[1].place, "ANTHROPIC_BASE_URL");
  EXPECT_EQ(look.overridden[1].url, "http://variable/");
}

}  // namespace
}  // namespace zbroker::tools
