#include "shims/tools/cline.h"

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

using testing::Fails;
using ::testing::HasSubstr;

constexpr char kGateway[] = "http://127.0.0.1:4242/token";
constexpr char kFile[] = "/home/me/.cline/data/settings/providers.json";
constexpr char kPlan[] = "https://api.z.ai/api/coding/paas/v4";

std::string Providers(const std::string& last, const std::string& members) {
  return absl::StrCat(R"({"version":1,"lastUsedProvider":")", last, R"(","providers":{)", members,
                      "}}");
}
std::string Named(const std::string& id, const std::string& url) {
  return absl::StrCat("\"", id, R"(":{"settings":{"apiKey":"k","baseUrl":")", url,
                      R"("},"updatedAt":"2026-11-28T10:00:00.000Z"})");
}

class ClineTest : public ::testing::Test {
 protected:
  absl::StatusOr<Plan> MakePlan(std::vector<std::string> arguments = {"hi"},
                                const std::string& upstream = "") {
    return kCline.plan({.arguments = std::move(arguments), .upstream = upstream}, machine_);
  }
  // The base URL that a provider has in the copy.
  std::string BaseUrl(const absl::StatusOr<Plan>& plan, const std::string& id) {
    EXPECT_OK(plan);
    if (!plan.ok()) return "";
    return JsonObject::Parse(plan->launch(kGateway).file->content)
        ->String({"providers", id, "settings", "baseUrl"})
        .value_or("");
  }

  FakeSurroundings machine_;
};

TEST_F(ClineTest, RunGetsACopyOfTheProvidersAndNoHub) {
  machine_.files[kFile] = Providers("zai-coding-plan", Named("zai-coding-plan", kPlan));
  const auto plan = MakePlan();
  ASSERT_OK(plan);
  EXPECT_EQ(plan->upstream, kPlan);
  Launch launch = plan->launch(kGateway);
  launch.file->tell("/state/settings-1.json", launch);
  EXPECT_EQ(ValueIn(launch.variables, "CLINE_PROVIDER_SETTINGS_PATH"), "/state/settings-1.json");
  EXPECT_EQ(ValueIn(launch.variables, "CLINE_SESSION_BACKEND_MODE"), "local");
  EXPECT_EQ(launch.file->content, Providers("zai-coding-plan", Named("zai-coding-plan", kGateway)));
}

TEST_F(ClineTest, ProviderOfTheArgumentsIsTheOne) {
  machine_.files[kFile] =
      Providers("a", absl::StrCat(Named("a", "https://a.example/v1"), ",", Named("b", kPlan)));
  for (const auto& arguments :
       {std::vector<std::string>{"-P", "b", "hi"}, std::vector<std::string>{"--provider=b"}}) {
    const auto plan = MakePlan(arguments);
    EXPECT_EQ(BaseUrl(plan, "b"), kGateway);
    EXPECT_EQ(BaseUrl(plan, "a"), "https://a.example/v1");
  }
}

TEST_F(ClineTest, ProviderThatClineKnowsByItselfIsEntered) {
  const auto plan = MakePlan({"-P", "zai-coding-plan", "-k", "key", "hi"});
  EXPECT_EQ(BaseUrl(plan, "zai-coding-plan"), kGateway);
  const auto copy = JsonObject::Parse(plan->launch(kGateway).file->content);
  EXPECT_EQ(copy->String({"providers", "zai-coding-plan", "settings", "provider"}),
            "zai-coding-plan");
  EXPECT_TRUE(copy->Has({"providers", "zai-coding-plan", "updatedAt"}));
  EXPECT_TRUE(copy->Has({"version"}));
}

TEST_F(ClineTest, FileIsWhereArgumentsAndEnvironmentSay) {
  machine_.files["/x/settings/providers.json"] = Providers("a", Named("a", kPlan));
  EXPECT_EQ(BaseUrl(MakePlan({"--data-dir", "/x", "hi"}), "a"), kGateway);
  machine_.variables["CLINE_DATA_DIR"] = "/x";
  EXPECT_EQ(BaseUrl(MakePlan(), "a"), kGateway);
}

TEST_F(ClineTest, ProviderOfAnUnknownPlaceCannotBePutBehindAGateway) {
  EXPECT_THAT(MakePlan(), Fails(absl::StatusCode::kFailedPrecondition, HasSubstr("cline")));
  EXPECT_EQ(BaseUrl(MakePlan({"-P", "openai"}, "https://api.z.ai/api/anthropic"), "openai"),
            kGateway);
}

TEST_F(ClineTest, CommandsOfTheHubAreRefusedWithTheWayThatWorks) {
  for (const char* word : {"-z", "--zen", "--kanban"}) {
    EXPECT_THAT(MakePlan({word, "hi"}),
                Fails(absl::StatusCode::kInvalidArgument, HasSubstr("zctl setup cline")));
  }
  EXPECT_THAT(MakePlan({"connect"}), testing::HasCode(absl::StatusCode::kInvalidArgument));
}

TEST_F(ClineTest, WhatClineWritesAtEachRunMakesNoDifference) {
  const std::string ours = Providers("a", Named("a", kGateway));
  const std::string written = absl::StrCat(
      "{\n  \"version\": 1,\n  \"modes\": {},\n  \"lastUsedProvider\": \"a\",\n  \"providers\": "
      "{\"a\": {"
      "\"updatedAt\": \"2026-11-28T21:42:06.247Z\", \"tokenSource\": \"manual\", \"settings\": "
      "{\"baseUrl\": \"",
      kGateway, "\", \"apiKey\": \"k\"}}}}");
  EXPECT_TRUE(kCline.alike(written, ours));
  EXPECT_FALSE(kCline.alike(Providers("b", Named("a", kGateway)), ours));
  EXPECT_FALSE(kCline.alike(Providers("a", Named("a", kPlan)), ours));
  EXPECT_FALSE(kCline.alike("{", "{"));
}

TEST_F(ClineTest, FileThatIsNotJsonIsNamed) {
  machine_.files[kFile] = "{";
  EXPECT_THAT(MakePlan(), Fails(absl::StatusCode::kInvalidArgument, HasSubstr(kFile)));
}

}  // namespace
}  // namespace zbroker::tools
