// Rules whose finding depends on more than one fact.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/base/proto_time.h"
#include "tests/unit/doctor/rules_parts.h"

namespace zbroker::doctor {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(ConnectionTest, WhatALeaseOrAGatewayCoversIsNoFinding) {
  Facts facts = Healthy();
  ConnectionFacts gateway = Script(), wrapped = Script(), library = Script();
  gateway.is_ours = true;
  wrapped.has_holder = true;
  library.ancestors = {77, 50, 5};
  facts.lease_holders = {50};
  facts.connections = {gateway, wrapped, library};
  EXPECT_THAT(Found(facts), IsEmpty());
}

TEST(ConnectionTest, KnownToolIsToBeSetUpWhereAGatewayRunsAndElseRunByZlease) {
  Facts facts = Healthy();
  facts.connections = {Script()};
  facts.connections[0].tool = "cline";
  EXPECT_EQ(Diagnose(facts)[0].fix, "zctl setup cline");
  facts.gateways.clear();
  facts.tools.clear();
  EXPECT_EQ(Diagnose(facts)[0].fix, "zlease cline");
}

TEST(ConnectionTest, ToolThatIsSetUpAlreadyIsToBeStartedAgain) {
  Facts facts = Healthy();
  facts.connections = {Script()};
  facts.connections[0].tool = "claude";
  EXPECT_THAT(Diagnose(facts)[0].fix, HasSubstr("start it again"));
}

TEST(ConnectionTest, NameThatIsNoPlainWordIsNotMadeACommand) {
  Facts facts = Healthy();
  facts.connections = {Script()};
  facts.connections[0].program = "a\x1b[31m; rm -rf ~";
  facts.connections[0].command = "";
  const Finding finding = Diagnose(facts)[0];
  EXPECT_EQ(finding.fix, "zlease -- COMMAND");
  EXPECT_THAT(finding.text, Not(HasSubstr("\x1b")));
}

TEST(ToolRulesTest, SocketUnitThatListensIsAGatewayThatWillBeThere) {
  Facts facts = Healthy();
  facts.gateways.clear();
  facts.listeners = {{.port = 8787, .user = kMe}};
  EXPECT_THAT(Found(facts), IsEmpty());
}

TEST(ToolRulesTest, OtherProvidersAreNobodysBusiness) {
  Facts facts = Healthy();
  for (const char* url : {"https://api.example.com/v1", "https://openrouter.ai/api/v1"}) {
    facts.tools.push_back(MakeTool("kilo", Past(url, "provider other")));
  }
  EXPECT_THAT(Found(facts), IsEmpty());
}

TEST(ToolRulesTest, DirectUrlIsWhatZleaseTakesItFrom) {
  Facts facts = Healthy();
  facts.tools = {MakeTool("claude", Past("https://api.z.ai/api/anthropic"))};
  EXPECT_THAT(Found(facts), IsEmpty());
}

TEST(ToolRulesTest, BuiltInGeneralApiBesideTheOneThatIsUsedIsNoFinding) {
  Facts facts = Healthy();
  facts.config.accounts[0].has_plan = true;
  ToolFacts tool =
      MakeTool("opencode", Past("https://api.z.ai/api/coding/paas/v4", "provider zai-coding-plan"));
  RouteFacts offered = Past("https://api.z.ai/api/paas/v4", "provider zai");
  offered.route.place = "";
  tool.routes.push_back(offered);
  facts.tools = {tool};
  EXPECT_THAT(Found(facts), IsEmpty());
}

TEST(ToolRulesTest, GeneralApiIsFoundBehindAGatewayToo) {
  Facts facts = Healthy();
  facts.config.accounts[0].has_plan = true;
  facts.tools = {
      MakeTool("codex", Through(absl::StrCat("http://localhost:8787/", kToken, "/api/paas/v4")))};
  const auto findings = Diagnose(facts);
  ASSERT_THAT(Names(findings), ElementsAre("wrong-endpoint"));
  EXPECT_THAT(findings[0].fix, Not(HasSubstr(kToken)));
}

TEST(ToolRulesTest, GatewayToTheGeneralApiIsOneFindingAndNotItsTools) {
  Facts facts = Healthy();
  facts.gateways[0].record.upstream = "https://api.z.ai/api/paas/v4";
  const auto findings = Diagnose(facts);
  ASSERT_THAT(Names(findings), ElementsAre("general-endpoint"));
  EXPECT_THAT(findings[0].subject, HasSubstr("gateway"));
}

TEST(ToolRulesTest, NoTextHasATokenOrAKey) {
  Facts facts = Healthy();
  const std::string secret = "sk-0123456789";
  for (const std::string& url :
       {absl::StrCat("http://127.0.0.1:9/", kToken), absl::StrCat("https://api.z.ai/x/", secret),
        absl::StrCat("https://user:", secret, "@api.z.ai/api/paas/v4"),
        absl::StrCat("https://open.bigmodel.cn/api/paas/v4?key=", secret)}) {
    facts.tools.push_back(MakeTool("claude", Past(url)));
    facts.tools.push_back(MakeTool("codex", Through(url)));
    facts.tools.back().overridden = {{.url = url, .place = "/x"}};
    facts.environment.emplace_back("OPENAI_BASE_URL", url);
  }
  for (const Finding& one : Diagnose(facts)) {
    const std::string all = absl::StrCat(one.subject, one.text, one.fix);
    EXPECT_THAT(all, Not(HasSubstr(secret)));
    EXPECT_THAT(all, Not(HasSubstr(kToken)));
  }
}

TEST(AccountRulesTest, LimitAtItsFloorIsNoFindingWhereNoMoreIsConfiguredOrItIsPinned) {
  Facts facts = Healthy();
  Learn(facts, 1);
  Account(facts).mutable_slots()->set_source("pinned");
  EXPECT_THAT(Found(facts), IsEmpty());
  Account(facts).mutable_slots()->set_source("learned");
  Account(facts).mutable_slots()->set_configured(1);
  EXPECT_THAT(Found(facts), IsEmpty());
}

TEST(AccountRulesTest, FloorIsTheConfiguredOne) {
  Facts facts = Healthy();
  facts.config.accounts[0].floor = 2;
  Learn(facts, 2);
  EXPECT_THAT(Found(facts), ElementsAre("limit-at-floor"));
}

// What stands in the way is one thing, however many notice it.
TEST(OneFactTest, WallIsWhatItsWindowsSpeakOf) {
  Facts facts = Healthy();
  v1::WindowStatus& window = *Account(facts).add_windows();
  window.set_name("5h");
  window.mutable_meter()->set_used_up(true);
  v1::Block& wall = AddBlock(facts, v1::BLOCK_REASON_WALL);
  EXPECT_THAT(Found(facts), ElementsAre("wall"));
  wall.set_model("glm-5");
  EXPECT_THAT(Found(facts), ElementsAre("wall", "window-used-up")) << "of one model alone";
}

TEST(OneFactTest, ToolsThatGoToOneOtherHost) {
  Facts facts = Healthy();
  const std::string other = "https://open.bigmodel.cn";
  facts.tools.push_back(MakeTool("kilo", Past(other + "/api/coding/paas/v4", "provider a")));
  facts.tools.push_back(MakeTool("codex", Past(other + "/api/v1")));
  facts.gateways.push_back(facts.gateways[0]);
  facts.gateways[1].record = {.url = "http://127.0.0.1:9/x", .upstream = other, .version = "1.2.3"};
  const auto findings = Diagnose(facts);
  ASSERT_THAT(Names(findings), ElementsAre("upstreams-differ"));
  EXPECT_THAT(findings[0].subject, HasSubstr("kilo, provider a and codex"));
  EXPECT_THAT(findings[0].fix, HasSubstr("--upstream https://api.z.ai/api/anthropic"));
}

TEST(OneFactTest, ToolsThatAreDeafToOneVariable) {
  Facts facts = Healthy();
  for (const char* name : {"codex", "kilo"}) {
    facts.tools.push_back(MakeTool(name, Past("https://example.com/v1")));
  }
  facts.environment = {{"OPENAI_BASE_URL", "https://api.z.ai/api/coding/paas/v4"}};
  const auto findings = Diagnose(facts);
  ASSERT_THAT(Names(findings), ElementsAre("url-ignored"));
  EXPECT_EQ(findings[0].subject, "codex and kilo");
  EXPECT_EQ(findings[0].fix, "zctl setup codex && zctl setup kilo");
}

TEST(OneFactTest, AllThatSaysOtherwiseOfTheSameRequests) {
  Facts facts = Healthy();
  for (const char* place : {"/home/me/x.json", "ANTHROPIC_BASE_URL"}) {
    facts.tools[0].overridden.push_back({.url = "https://api.z.ai/api/anthropic", .place = place});
  }
  const auto findings = Diagnose(facts);
  ASSERT_THAT(Names(findings), ElementsAre("settings-disagree"));
  EXPECT_THAT(findings[0].text, HasSubstr("/home/me/x.json (https://api.z.ai/api/anthropic) and "));
}

TEST(OneFactTest, GatewayThatIsDownForSeveralTools) {
  Facts facts = Healthy();
  facts.tools.push_back(MakeTool("kilo", facts.tools[0].routes[0]));
  facts.gateways.clear();
  facts.listeners.clear();
  const auto findings = Diagnose(facts);
  ASSERT_THAT(Names(findings), ElementsAre("tool-gateway-down"));
  EXPECT_EQ(findings[0].subject, "claude and kilo");
  EXPECT_EQ(findings[0].fix, "zlease gateway");
}

TEST(GatewayFixTest, NamesTheUpstreamThatTheSettingsHadWhereAGatewayHasAnotherByItself) {
  Facts facts = Healthy();
  facts.gateways.clear();
  facts.listeners.clear();
  facts.has_gateway_service = true;
  RouteFacts& route = facts.tools[0].routes[0];
  const auto fix = [&] { return Diagnose(facts).at(0).fix; };
  EXPECT_EQ(fix(), "systemctl --user enable --now zlease-gateway");
  route.before = "https://api.z.ai/api/anthropic";
  EXPECT_EQ(fix(), "systemctl --user enable --now zlease-gateway");
  route.before = "https://open.bigmodel.cn/api/anthropic";
  EXPECT_EQ(fix(), "zlease gateway --upstream https://open.bigmodel.cn/api/anthropic");
  route.route.url = absl::StrCat("http://127.0.0.1:9/", kToken);
  EXPECT_EQ(fix(),
            "zlease gateway --listen 127.0.0.1:9 --upstream "
            "https://open.bigmodel.cn/api/anthropic");
  facts.config.accounts[0].upstream = "https://open.bigmodel.cn/api/anthropic";
  EXPECT_EQ(fix(), "zlease gateway --listen 127.0.0.1:9");
}

TEST(GatewayFixTest, OneThatIsStartedAgainGoesWhereItWentForWhomItWent) {
  Facts facts = Healthy();
  facts.config.accounts.push_back({.name = "work", .upstream = "http://127.0.0.1:5"});
  GatewayRecord& record = facts.gateways[0].record;
  record.upstream = "http://127.0.0.1:5";
  record.account = "work";
  facts.gateways[0].replaced = true;
  EXPECT_EQ(Diagnose(facts).at(0).fix,
            "kill 11 && zlease gateway --listen 127.0.0.1:8787 --upstream http://127.0.0.1:5 "
            "--account work");
}

TEST(AccountRulesTest, PlanIsHeldAgainstWhatTheMeterAllows) {
  Facts facts = Healthy();
  facts.config.accounts[0].plan = "pro";
  AddMonth(facts, 1'000, 1'001);
  EXPECT_THAT(Found(facts), IsEmpty()) << "about as much";
  Account(facts).clear_windows();
  Account(facts).clear_meter();
  AddMonth(facts, 1'000, 1'500);
  EXPECT_EQ(Diagnose(facts).at(0).fix, "zctl init --plan PLAN  (that was bought; now it says pro)");
  Account(facts).mutable_meter()->mutable_readings(0)->set_limit(100);
  Account(facts).set_name("work");
  facts.config.accounts[0].name = "work";
  EXPECT_EQ(Diagnose(facts).at(0).fix, "zctl init --plan lite --account work");
  Account(facts).mutable_windows(0)->set_enforce("hard");
  EXPECT_THAT(Found(facts), IsEmpty()) << "its owner's decision";
}

TEST(AccountRulesTest, WindowThatItsOwnerEnforcesIsUsedUpByWhatWasLeased) {
  Facts facts = Healthy();
  v1::WindowStatus& window = *Account(facts).add_windows();
  window.set_name("night");
  window.set_exhausted(true);
  window.set_enforce("probe");
  EXPECT_THAT(Found(facts), IsEmpty()) << "one at a time passes";
  window.set_enforce("hard");
  const auto findings = Diagnose(facts);
  ASSERT_THAT(Names(findings), ElementsAre("window-used-up"));
  EXPECT_THAT(findings[0].text, HasSubstr("by what was leased"));
}

TEST(DaemonRulesTest, BeforeTheFirstUseNothingIsWrong) {
  Facts facts;
  facts.user = kMe;
  facts.daemon.state = DaemonFacts::State::kDown;
  facts.directories = {{.path = "/state", .is_own = true}};
  facts.config.has_file = true;
  EXPECT_THAT(Found(facts), ElementsAre("not-in-use"));
  EXPECT_EQ(Diagnose(facts)[0].fix, "zlease claude");
  facts.directories[0].owner = kMe;
  EXPECT_THAT(Found(facts), ElementsAre("daemon-down"));
}

TEST(UpstreamsTest, AreThoseThatAreNamedAndElseTheProviders) {
  EXPECT_THAT(KnownUpstreams(Facts()),
              ElementsAre(Field(&Url::origin, std::string("https://api.z.ai"))));
  Facts facts;
  facts.tools = {MakeTool("claude", Past("http://127.0.0.1:9/api/anthropic"))};
  EXPECT_THAT(KnownUpstreams(facts),
              ElementsAre(Field(&Url::origin, std::string("http://127.0.0.1:9"))));
}

}  // namespace
}  // namespace zbroker::doctor
