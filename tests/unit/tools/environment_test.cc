#include "shims/tools/environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/tools/fake_surroundings.h"

namespace zbroker::tools {
namespace {

using ::testing::ElementsAre;
using testing::Fails;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr char kGateway[] = "http://127.0.0.1:4242/token";
constexpr char kAnthropic[] = "ANTHROPIC_BASE_URL";
constexpr char kOpenAi[] = "OPENAI_BASE_URL";

class EnvironmentTest : public ::testing::Test {
 protected:
  Plan PlanFor(const std::string& upstream = "") {
    auto plan = kAnyProgram.plan({.arguments = {"a.py", "-v"}, .upstream = upstream}, machine_);
    EXPECT_OK(plan);
    return plan.ok() ? *std::move(plan) : Plan();
  }

  FakeSurroundings machine_;
};

TEST_F(EnvironmentTest, BothProtocolsGoThroughOneGateway) {
  machine_.files["/config.toml"] =
      "[account.default]\nupstream = 'https://api.z.ai/api/anthropic'\n";
  const Plan plan = PlanFor();
  EXPECT_EQ(plan.upstream, "https://api.z.ai/api/anthropic");
  const Launch launch = plan.launch(kGateway);
  EXPECT_THAT(launch.arguments, ElementsAre("a.py", "-v"));
  EXPECT_FALSE(launch.file);
  EXPECT_THAT(launch.variables,
              ElementsAre(Pair(kAnthropic, kGateway),
                          Pair(kOpenAi, absl::StrCat(kGateway, "/api/coding/paas/v4"))));
}

TEST_F(EnvironmentTest, VariableThatIsSetDecides) {
  machine_.variables[kOpenAi] = "https://open.bigmodel.cn/api/paas/v4";
  const Plan plan = PlanFor();
  EXPECT_EQ(plan.upstream, "https://open.bigmodel.cn/api/paas/v4");
  const Variables variables = plan.launch(kGateway).variables;
  EXPECT_EQ(ValueIn(variables, kOpenAi), kGateway);
  EXPECT_EQ(ValueIn(variables, kAnthropic), absl::StrCat(kGateway, "/api/anthropic"));
  EXPECT_THAT(plan.remarks, IsEmpty());
}

TEST_F(EnvironmentTest, SecondOriginIsLeftAloneWithARemark) {
  machine_.variables[kAnthropic] = "https://api.z.ai/api/anthropic";
  machine_.variables[kOpenAi] = "http://localhost:11434/v1";
  const Plan plan = PlanFor();
  EXPECT_THAT(plan.launch(kGateway).variables, ElementsAre(Pair(kAnthropic, kGateway)));
  EXPECT_THAT(plan.remarks, ElementsAre(HasSubstr(kOpenAi)));
}

TEST_F(EnvironmentTest, NamedUpstreamWinsOverTheVariables) {
  machine_.variables[kAnthropic] = "https://elsewhere";
  const Plan plan = PlanFor("http://127.0.0.1:9");
  EXPECT_EQ(plan.upstream, "http://127.0.0.1:9");
  EXPECT_THAT(plan.launch(kGateway).variables,
              ElementsAre(Pair(kAnthropic, kGateway), Pair(kOpenAi, kGateway)));
}

TEST_F(EnvironmentTest, VariableThatIsNoUrlIsRefused) {
  machine_.variables[kAnthropic] = "nonsense";
  EXPECT_THAT(kAnyProgram.plan({}, machine_),
              Fails(absl::StatusCode::kInvalidArgument, HasSubstr(kAnthropic)));
}

}  // namespace
}  // namespace zbroker::tools
