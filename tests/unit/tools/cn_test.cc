#include "shims/tools/cn.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "shims/tools/yaml_settings.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/tools/fake_surroundings.h"

namespace zbroker::tools {
namespace {

using ::testing::ElementsAre;
using testing::Fails;
using testing::HasCode;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kGateway[] = "http://127.0.0.1:4242/token";
constexpr char kFile[] = "/home/me/.continue/config.yaml";

class ContinueTest : public ::testing::Test {
 protected:
  absl::StatusOr<Plan> MakePlan(std::vector<std::string> arguments = {"-p", "hi"},
                                const std::string& upstream = "") {
    return kContinue.plan({.arguments = std::move(arguments), .upstream = upstream}, machine_);
  }
  std::string ApiBase(const absl::StatusOr<Plan>& plan, size_t index) {
    EXPECT_OK(plan);
    if (!plan.ok()) return "";
    return YamlSettings::Parse(plan->launch(kGateway).file->content)
        ->String("models", index, "apiBase")
        .value_or("");
  }

  FakeSurroundings machine_;
};

TEST_F(ContinueTest, RunGetsACopyOfTheConfiguration) {
  machine_.files[kFile] =
      "models:\n- provider: openai\n  apiBase: https://api.z.ai/api/coding/paas/v4/ # mine\n";
  const auto plan = MakePlan({"--config", kFile, "-p", "hi"});
  ASSERT_OK(plan);
  EXPECT_EQ(plan->upstream, "https://api.z.ai/api/coding/paas/v4");
  Launch launch = plan->launch(kGateway);
  EXPECT_EQ(launch.file->suffix, ".yaml");
  launch.file->tell("/state/copy.yaml", launch);
  EXPECT_THAT(launch.arguments, ElementsAre("--config", "/state/copy.yaml", "-p", "hi"));
  EXPECT_EQ(launch.file->content,
            absl::StrCat("models:\n- provider: openai\n  apiBase: \"", kGateway, "\" # mine\n"));
}

TEST_F(ContinueTest, ModelsOfOneOriginGoBehindTheGateway) {
  machine_.files[kFile] =
      "models:\n"
      "- {provider: openai, apiBase: 'https://api.z.ai/api/coding/paas/v4'}\n"
      "- {provider: zAI, model: m}\n"
      "- {provider: anthropic, apiBase: 'https://api.z.ai/api/anthropic'}\n"
      "- {name: other, provider: openai, apiBase: 'https://a.example/v1'}\n"
      "- {provider: ollama}\n";
  const auto plan = MakePlan();
  EXPECT_EQ(ApiBase(plan, 0), kGateway);
  EXPECT_EQ(ApiBase(plan, 1), absl::StrCat(kGateway, "/api/paas/v4"));
  EXPECT_EQ(ApiBase(plan, 2), absl::StrCat(kGateway, "/api/anthropic"));
  EXPECT_EQ(ApiBase(plan, 3), "https://a.example/v1");
  EXPECT_THAT(plan->remarks, ElementsAre(HasSubstr("other")));
}

TEST_F(ContinueTest, SecretsAreLookedUpWhereContinueDoes) {
  machine_.files[kFile] = "models:\n- {provider: openai, apiBase: '${{ secrets.ZB }}/v4'}\n";
  machine_.files["/work/project/.env"] = "# x\nexport ZB='https://one.example'\n";
  EXPECT_EQ(MakePlan()->upstream, "https://one.example/v4");
  machine_.files["/home/me/.continue/.env"] = "ZBX=1\nZB=https://two.example\r\n";
  EXPECT_EQ(MakePlan()->upstream, "https://two.example/v4");
  machine_.variables["ZB"] = "https://three.example";
  EXPECT_EQ(MakePlan()->upstream, "https://three.example/v4");
}

TEST_F(ContinueTest, UpstreamOfTheCommandLineWins) {
  machine_.files[kFile] =
      "models:\n- {provider: a, apiBase: 'https://api.z.ai/api/coding/paas/v4'}\n";
  const auto plan = MakePlan({}, "http://127.0.0.1:9/api/anthropic");
  EXPECT_EQ(plan->upstream, "http://127.0.0.1:9/api/coding/paas/v4");
  EXPECT_EQ(ApiBase(plan, 0), kGateway);
}

TEST_F(ContinueTest, WhatHasNoFileOfItsOwnCannotBePutBehindAGateway) {
  EXPECT_THAT(MakePlan(), HasCode(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(MakePlan({"--config", "me/assistant"}),
              Fails(absl::StatusCode::kFailedPrecondition, HasSubstr("hub")));
  machine_.files[kFile] = "models:\n- provider: ollama\n";
  EXPECT_THAT(MakePlan(), Fails(absl::StatusCode::kFailedPrecondition, HasSubstr("apiBase")));
  EXPECT_THAT(MakePlan({"review"}), HasCode(absl::StatusCode::kFailedPrecondition));
}

TEST_F(ContinueTest, FileThatIsNotYamlIsNamedWithTheLine) {
  machine_.files[kFile] = "models:\n- a: [\n";
  EXPECT_THAT(MakePlan(),
              Fails(absl::StatusCode::kInvalidArgument, HasSubstr(absl::StrCat(kFile, ":"))));
}

}  // namespace
}  // namespace zbroker::tools
