#include "shims/mcp/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/testing/status_matchers.h"
#include "tests/unit/tools/fake_surroundings.h"

namespace zbroker::mcp {
namespace {

using ::testing::ElementsAre;
using testing::Fails;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using tools::ValueIn;

constexpr char kGateway[] = "http://127.0.0.1:8787/0123456789abcdef0123456789abcdef";

class McpPlanTest : public ::testing::Test {
 protected:
  Plan Make(std::vector<std::string> command) {
    options_.command = std::move(command);
    auto plan = MakePlan(options_, machine_, running_);
    EXPECT_OK(plan);
    return plan.ok() ? *std::move(plan) : Plan();
  }
  void RunGateway(const std::string& upstream) {
    running_.push_back({.url = kGateway, .upstream = upstream});
  }

  Options options_;
  tools::FakeSurroundings machine_;
  std::vector<GatewayRecord> running_;
};

TEST_F(McpPlanTest, ToolsAreThoseOfTheCommandLineElseOfTheAccountElseAll) {
  EXPECT_THAT(Make({"server"}).tools, ElementsAre("*"));
  machine_.files["/config.toml"] = "[account.default.mcp]\ntools = ['web_*', 'read']\n";
  EXPECT_THAT(Make({"server"}).tools, ElementsAre("web_*", "read"));
  options_.tools = {"x"};
  EXPECT_THAT(Make({"server"}).tools, ElementsAre("x"));
}

TEST_F(McpPlanTest, MistakeInTheConfigurationIsReportedWithItsPlace) {
  machine_.files["/config.toml"] = "[account.default.mcp]\ntools = 5\n";
  options_.command = {"server"};
  EXPECT_THAT(MakePlan(options_, machine_, {}),
              Fails(absl::StatusCode::kInvalidArgument, HasSubstr("/config.toml:2: ")));
}

TEST_F(McpPlanTest, ProgramIsTheServerRatherThanWhatStartsIt) {
  EXPECT_EQ(Make({"npx", "-y", "@upstash/context7-mcp@latest"}).program, "@upstash/context7-mcp");
  EXPECT_EQ(Make({"/usr/bin/my-server", "--x"}).program, "my-server");
  EXPECT_EQ(Make({"node", "--no-warnings", "/srv/search.js"}).program, "search.js");
  EXPECT_EQ(Make({"node"}).program, "node");
}

TEST_F(McpPlanTest, CallWaitsForTwoThirdsOfWhatItsClientGivesIt) {
  EXPECT_EQ(Make({"server"}).patience, absl::Seconds(40));
  machine_.variables["MCP_TOOL_TIMEOUT"] = "90000";
  EXPECT_EQ(Make({"server"}).patience, absl::Seconds(60));
  machine_.variables["MCP_TOOL_TIMEOUT"] = "soon";
  EXPECT_EQ(Make({"server"}).patience, absl::Seconds(40));
  options_.timeout = absl::Seconds(5);
  EXPECT_EQ(Make({"server"}).patience, absl::Seconds(5));
}

TEST_F(McpPlanTest, ModelServerIsPointedAtTheGatewayThatItIsBelowAndTakesNoLeases) {
  machine_.variables = {{"ZLEASE_GATEWAY", kGateway},
                        {"ZLEASE_GATEWAY_UPSTREAM", "https://api.z.ai/api/anthropic"},
                        {"Z_AI_MODE", "ZAI"}};
  const Plan plan = Make({"npx", "-y", "@z_ai/mcp-server@latest"});
  EXPECT_THAT(plan.tools, IsEmpty());
  EXPECT_EQ(ValueIn(plan.variables, "Z_AI_BASE_URL"), std::string(kGateway) + "/api/paas/v4/");
  // Either would make it ignore the URL.
  EXPECT_THAT(plan.variables, ::testing::Contains(::testing::Pair("Z_AI_MODE", "")));
  EXPECT_THAT(plan.variables, ::testing::Contains(::testing::Pair("PLATFORM_MODE", "")));
}

TEST_F(McpPlanTest, ModelServerIsPointedAtAGatewayThatRunsAndGoesThere) {
  RunGateway("http://127.0.0.1:9000/api/anthropic");
  machine_.variables["Z_AI_BASE_URL"] = "http://127.0.0.1:9000/api/paas/v4/";
  const Plan plan = Make({"node", "/usr/lib/node_modules/@z_ai/mcp-server/build/index.js"});
  EXPECT_THAT(plan.tools, IsEmpty());
  EXPECT_EQ(ValueIn(plan.variables, "Z_AI_BASE_URL"), std::string(kGateway) + "/api/paas/v4/");
}

TEST_F(McpPlanTest, KeyOfAModelServerGoesNowhereElse) {
  RunGateway("https://api.z.ai/api/anthropic");
  const Plan plan = Make({"zai-mcp-server"});  // to open.bigmodel.cn, if nothing says otherwise
  EXPECT_THAT(plan.variables, IsEmpty());
  EXPECT_THAT(plan.tools, ElementsAre("*"));
  EXPECT_EQ(plan.kind, v1::KIND_CALL) << "each call of it is one of a model";
  EXPECT_THAT(plan.remarks, ElementsAre(HasSubstr("https://open.bigmodel.cn")));
}

TEST_F(McpPlanTest, GatewayOfAnotherAccountIsNotUsed) {
  RunGateway("https://open.bigmodel.cn/api/anthropic");
  running_[0].account = "work";
  EXPECT_THAT(Make({"zai-mcp-server"}).tools, ElementsAre("*"));
  options_.request.set_account("work");
  EXPECT_THAT(Make({"zai-mcp-server"}).tools, IsEmpty());
}

TEST_F(McpPlanTest, OtherServersAreLeftAsTheyAre) {
  RunGateway("https://api.z.ai/api/anthropic");
  const Plan plan = Make({"npx", "-y", "@upstash/context7-mcp"});
  EXPECT_THAT(plan.variables, IsEmpty());
  EXPECT_EQ(plan.kind, v1::KIND_MCP);
}

TEST_F(McpPlanTest, ProxyDoesNotComeBetweenServerAndGateway) {
  RunGateway("https://open.bigmodel.cn/api/anthropic");
  machine_.variables["https_proxy"] = "http://proxy:3128";
  EXPECT_EQ(ValueIn(Make({"zai-mcp-server"}).variables, "NO_PROXY"), "127.0.0.1");
}

}  // namespace
}  // namespace zbroker::mcp
