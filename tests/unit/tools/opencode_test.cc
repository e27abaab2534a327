#include "shims/tools/opencode.h"

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

using ::testing::ElementsAre;
using testing::Fails;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kGateway[] = "http://127.0.0.1:4242/token";
constexpr char kAuth[] = "/home/me/.local/share/opencode/auth.json";
constexpr char kUser[] = "/home/me/.config/opencode/opencode.json";
constexpr char kInline[] = "OPENCODE_CONFIG_CONTENT";

// A configuration in which a provider has a base URL.
std::string Naming(const std::string& provider, const std::string& url) {
  return absl::StrCat("{\"provider\":{\"", provider, R"(":{"options":{"baseURL":")", url, "\"}}}}");
}

class OpenCodeTest : public ::testing::Test {
 protected:
  Plan PlanFor(std::vector<std::string> arguments = {}, const std::string& upstream = "") {
    auto plan = kOpenCode.plan({.arguments = std::move(arguments), .upstream = upstream}, machine_);
    EXPECT_OK(plan);
    return plan.ok() ? *std::move(plan) : Plan();
  }
  JsonObject Configured(const Plan& plan) {
    return *JsonObject::Parse(ValueIn(plan.launch(kGateway).variables, kInline));
  }
  // The base URL that a provider is given.
  std::string BaseUrl(const Plan& plan, const std::string& provider) {
    return Configured(plan).String({"provider", provider, "options", "baseURL"}).value_or("");
  }

  FakeSurroundings machine_;
};

TEST_F(OpenCodeTest, ProviderWithAKeyGoesBehindTheGateway) {
  machine_.files[kAuth] = R"({"zai-coding-plan":{"type":"api","key":"x"}})";
  const Plan plan = PlanFor({"run", "hi"});
  EXPECT_EQ(plan.upstream, "https://api.z.ai/api/coding/paas/v4");
  EXPECT_EQ(BaseUrl(plan, "zai-coding-plan"), kGateway);
  EXPECT_THAT(plan.launch(kGateway).arguments, ElementsAre("run", "hi"));
  EXPECT_THAT(plan.remarks, IsEmpty());
}

TEST_F(OpenCodeTest, ProviderThatIsNotInUseIsNotNamed) {
  machine_.files[kAuth] = R"({"zai-coding-plan":{}})";
  EXPECT_THAT(Configured(PlanFor()).Keys({"provider"}), ElementsAre("zai-coding-plan"));
}

TEST_F(OpenCodeTest, KeyInTheEnvironmentIsForEveryPlanOfOneOrigin) {
  machine_.variables["ZHIPU_API_KEY"] = "x";
  const Plan plan = PlanFor();
  EXPECT_EQ(BaseUrl(plan, "zai-coding-plan"), kGateway);
  EXPECT_EQ(BaseUrl(plan, "zai"), absl::StrCat(kGateway, "/api/paas/v4"));
  EXPECT_EQ(BaseUrl(plan, "zhipuai"), "");
}

TEST_F(OpenCodeTest, ModelDecidesWhichOriginGoesBehindTheGateway) {
  machine_.variables["ZHIPU_API_KEY"] = "x";
  const Plan plan = PlanFor({"run", "-m", "zhipuai-coding-plan/glm-4.7", "hi"});
  EXPECT_EQ(plan.upstream, "https://open.bigmodel.cn/api/coding/paas/v4");
  EXPECT_EQ(BaseUrl(plan, "zhipuai-coding-plan"), kGateway);
  EXPECT_EQ(BaseUrl(plan, "zai-coding-plan"), "");
  machine_.files[kUser] = R"({"model":"zhipuai/glm-4.7"})";
  EXPECT_EQ(PlanFor().upstream, "https://open.bigmodel.cn/api/paas/v4");
  EXPECT_EQ(PlanFor({"--model=zai/glm-4.7"}).upstream, "https://api.z.ai/api/paas/v4");
}

TEST_F(OpenCodeTest, LaterSourcesOfTheConfigurationWin) {
  machine_.working_directory = "/work/project/sub";
  machine_.files["/work/project/.git/HEAD"] = "";
  const auto set = [&](const std::string& path, const std::string& host) {
    machine_.files[path] = Naming("zai", absl::StrCat("http://", host, "/v1"));
  };
  set("/work/opencode.json", "outside");  // above the repository
  set("/home/me/.config/opencode/config.json", "oldest");
  EXPECT_EQ(PlanFor().upstream, "http://oldest/v1");
  set(kUser, "user");
  EXPECT_EQ(PlanFor().upstream, "http://user/v1");
  machine_.variables["OPENCODE_CONFIG"] = "/custom.json";
  set("/custom.json", "custom");
  EXPECT_EQ(PlanFor().upstream, "http://custom/v1");
  set("/work/project/opencode.jsonc", "root");
  EXPECT_EQ(PlanFor().upstream, "http://root/v1");
  set("/work/project/sub/opencode.json", "project");
  EXPECT_EQ(PlanFor().upstream, "http://project/v1");
  set("/work/project/.opencode/opencode.json", "hidden");
  EXPECT_EQ(PlanFor().upstream, "http://hidden/v1");
  machine_.variables[kInline] = Naming("zai", "http://inline/v1");
  EXPECT_EQ(PlanFor().upstream, "http://inline/v1");
}

TEST_F(OpenCodeTest, CommentsAreFine) {
  machine_.files[kUser] = "// mine\n" + Naming("zai", "http://user/v1") + "/* end */";
  machine_.variables[kInline] = "{ // c\n\"theme\": \"dark\", }";
  const Plan plan = PlanFor();
  EXPECT_EQ(plan.upstream, "http://user/v1");
  EXPECT_EQ(Configured(plan).String({"theme"}), "dark");
  EXPECT_THAT(plan.remarks, IsEmpty());
}

TEST_F(OpenCodeTest, UsersInlineConfigurationIsKept) {
  machine_.variables[kInline] =
      R"({"model":"zai/glm-4.7","provider":{"zai":{"options":{"timeout":5}}}})";
  const JsonObject configured = Configured(PlanFor());
  EXPECT_EQ(configured.String({"model"}), "zai/glm-4.7");
  EXPECT_TRUE(configured.Has({"provider", "zai", "options", "timeout"}));
  EXPECT_EQ(configured.String({"provider", "zai", "options", "baseURL"}), kGateway);
}

TEST_F(OpenCodeTest, AnthropicProviderOfTheSameOriginIsReachedByItsPath) {
  machine_.variables["ZHIPU_API_KEY"] = "x";
  machine_.files[kUser] = Naming("anthropic", "https://api.z.ai/api/anthropic/v1");
  EXPECT_EQ(BaseUrl(PlanFor(), "anthropic"), absl::StrCat(kGateway, "/api/anthropic/v1"));
}

TEST_F(OpenCodeTest, ProviderOfAnotherOriginIsLeftAloneWithARemark) {
  machine_.files[kAuth] = R"({"zai-coding-plan":{}})";
  machine_.files[kUser] = Naming("ollama", "http://localhost:11434/secret/v1");
  const Plan plan = PlanFor();
  EXPECT_EQ(BaseUrl(plan, "ollama"), "");
  EXPECT_THAT(plan.remarks,
              ElementsAre("leaving OpenCode's provider ollama alone: one gateway has one upstream, "
                          "here https://api.z.ai"));
}

TEST_F(OpenCodeTest, OneRemarkNamesAllThatAreLeftAlone) {
  machine_.variables["ZHIPU_API_KEY"] = "x";
  EXPECT_THAT(PlanFor().remarks,
              ElementsAre(HasSubstr("providers zhipuai-coding-plan, zhipuai alone: ")));
}

TEST_F(OpenCodeTest, ProviderThatNoPathLeadsToIsLeftAloneWithARemark) {
  machine_.files[kAuth] = R"({"zai-coding-plan":{}})";
  machine_.files[kUser] = Naming("beside", "https://api.z.ai/elsewhere");
  const Plan plan = PlanFor();
  EXPECT_EQ(BaseUrl(plan, "beside"), "");
  EXPECT_THAT(plan.remarks, ElementsAre(HasSubstr("provider beside alone: ")));
}

TEST_F(OpenCodeTest, NamesOfThoseLeftAloneAreFitForATerminal) {
  machine_.files[kAuth] = R"({"zai-coding-plan":{}})";
  machine_.files[kUser] =
      Naming(absl::StrCat("a\\u001b", std::string(1000, 'b')), "http://localhost:11434/v1");
  const Plan plan = PlanFor();
  ASSERT_THAT(plan.remarks, ElementsAre(HasSubstr("provider a\\x1bbb")));
  EXPECT_LT(plan.remarks[0].size(), 400u);
}

TEST_F(OpenCodeTest, UrlThatIsNotOneIsLeftAloneWithARemark) {
  machine_.files[kAuth] = R"({"zai-coding-plan":{}})";
  machine_.files[kUser] = Naming("mine", "{env:MINE}");
  const Plan plan = PlanFor();
  EXPECT_EQ(BaseUrl(plan, "mine"), "");
  EXPECT_THAT(plan.remarks, ElementsAre(HasSubstr("provider mine")));
}

TEST_F(OpenCodeTest, NamedUpstreamTakesThePlaceOfTheProviders) {
  machine_.variables["ZHIPU_API_KEY"] = "x";
  const Plan plan = PlanFor({}, "http://127.0.0.1:9/api/anthropic");
  EXPECT_EQ(plan.upstream, "http://127.0.0.1:9/api/coding/paas/v4");
  EXPECT_EQ(BaseUrl(plan, "zai-coding-plan"), kGateway);
  EXPECT_EQ(BaseUrl(plan, "zai"), absl::StrCat(kGateway, "/api/paas/v4"));
}

TEST_F(OpenCodeTest, WithoutAnyProviderThePlansIsAssumed) {
  const Plan plan = PlanFor();
  EXPECT_EQ(plan.upstream, "https://api.z.ai/api/coding/paas/v4");
  EXPECT_EQ(BaseUrl(plan, "zai-coding-plan"), kGateway);
  EXPECT_THAT(plan.remarks, IsEmpty());
}

TEST_F(OpenCodeTest, BadNamedUpstreamIsRefused) {
  EXPECT_THAT(kOpenCode.plan({.upstream = "nonsense"}, machine_),
              Fails(absl::StatusCode::kInvalidArgument, HasSubstr("--upstream")));
}

TEST_F(OpenCodeTest, InlineConfigurationThatIsNotJsonIsPassedOver) {
  machine_.variables[kInline] = "{";
  machine_.files[kAuth] = R"({"zai":{}})";
  const Plan plan = PlanFor();
  EXPECT_EQ(BaseUrl(plan, "zai"), kGateway);
  EXPECT_THAT(plan.remarks, ElementsAre(HasSubstr(kInline)));
}

TEST_F(OpenCodeTest, CommandsThatCallNoModelAreKnown) {
  EXPECT_FALSE(kOpenCode.calls_models({"models"}));
  EXPECT_FALSE(kOpenCode.calls_models({"auth", "login"}));
  EXPECT_TRUE(kOpenCode.calls_models({}));
  EXPECT_TRUE(kOpenCode.calls_models({"run", "hi"}));
  EXPECT_TRUE(kOpenCode.calls_models({"serve"}));
}

TEST_F(OpenCodeTest, LookTellsWhatIsOverriddenToo) {
  machine_.files["/work/project/opencode.json"] = Naming("zai", "https://project/v4");
  machine_.files[kUser] = Naming("zai", "https://user/v4");
  const Look look = kOpenCode.look(machine_);
  ASSERT_EQ(look.routes.size(), 1u);
  EXPECT_EQ(look.routes[0].url, "https://project/v4");
  ASSERT_EQ(look.overridden.size(), 1u);
  EXPECT_EQ(look.overridden[0].what, "provider zai");
  EXPECT_EQ(look.overridden[0].url, "https://user/v4");
  EXPECT_EQ(look.overridden[0].place, kUser);
}

}  // namespace
}  // namespace zbroker::tools
