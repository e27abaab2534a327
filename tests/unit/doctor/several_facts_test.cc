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
