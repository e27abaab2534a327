#include "shims/doctor/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/base/proto_time.h"
#include "tests/unit/doctor/rules_parts.h"

namespace zbroker::doctor {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(RulesTest, NothingIsFoundWhereAllIsWell) { EXPECT_THAT(Found(Healthy()), IsEmpty()); }

// What spoils a machine on which all is well, so that this alone is found; and what of it a person
// reads, in the sentence or the fix.
struct Case {
  Id id;
  std::function<void(Facts&)> spoil;
  std::vector<std::string> words;
};

std::vector<Case> DaemonCases() {
  return {
      {Id::kEnvironmentBad,
       [](Facts& facts) { facts.bad_variables = {"ZBROKER_SOCKET=x is no absolute path"}; },
       {"unset ZBROKER_SOCKET"}},
      {Id::kDaemonDown,
       [](Facts& facts) { facts.daemon = {.state = DaemonFacts::State::kDown}; },
       {"zctl status"}},
      {Id::kServiceDown,
       [](Facts& facts) {
         facts.daemon = {.state = DaemonFacts::State::kDown,
                         .service = "systemctl --user status z"};
       },
       {"systemctl --user status z"}},
      {Id::kNotInUse,
       [](Facts& facts) {
         facts = Facts();
         facts.daemon.state = DaemonFacts::State::kDown;
         facts.directories = {{.path = "/state", .is_own = true}};
       },
       {"zctl init"}},
      {Id::kDaemonStopped,
       [](Facts& facts) {
         facts.daemon = {.state = DaemonFacts::State::kSilent, .pid = 10, .stopped = true};
       },
       {"pid 10", "kill -CONT 10"}},
      {Id::kDaemonSilent,
       [](Facts& facts) {
         facts.daemon = {
             .state = DaemonFacts::State::kSilent, .trouble = "no answer in time", .pid = 10};
       },
       {"no answer in time", "kill 10"}},
      {Id::kDaemonRefuses,
       [](Facts& facts) {
         facts.daemon = {.state = DaemonFacts::State::kRefuses,
                         .trouble = "it is for the group zbroker",
                         .socket = "/run/a b.sock"};
       },
       {"for the group zbroker", "ls -l '/run/a b.sock'"}},
      {Id::kLedgerUnwritable,
       [](Facts& facts) { facts.daemon.status.mutable_daemon()->set_ledger_error("disk full"); },
       {"disk full", "df -h /state"}},
      {Id::kConfigMistake,
       [](Facts& facts) { facts.config.mistake = "config.toml:3: slots: no number"; },
       {"config.toml:3", "zctl reload"}},
      {Id::kVersionDiffers,
       [](Facts& facts) { facts.daemon.status.mutable_daemon()->set_version("1.2.2"); },
       {"1.2.2", "1.2.3", "kill 10"}},
      {Id::kHookFails,
       [](Facts& facts) {
         v1::Hook& hook = *facts.daemon.hooks.add_hooks();
         hook.add_on("wall");
         hook.set_run("notify-me");
         hook.set_trouble("exit status 3");
       },
       {"hook 1 (notify-me)", "exit status 3", "zctl events --kind wall"}},
      {Id::kProgramReplaced,
       [](Facts& facts) { facts.gateways[0].replaced = true; },
       {"127.0.0.1:8787", "kill 11 && zlease gateway --listen 127.0.0.1:8787"}},
  };
}

std::vector<Case> MachineCases() {
  return {
      {Id::kStateForeign, [](Facts& facts) { Directory(facts).owner = 0; }, {"user 0", "1000"}},
      {Id::kStateOpen,
       [](Facts& facts) { Directory(facts).others_write = true; },
       {"chmod go-w /state"}},
      {Id::kStateOnNetwork, [](Facts& facts) { Directory(facts).network_type = "NFS"; }, {"NFS"}},
      {Id::kRoomGone, [](Facts& facts) { Directory(facts).bytes_free = 4096; }, {"df -h /state"}},
      {Id::kRoomLow,
       [](Facts& facts) { Directory(facts).bytes_free = uint64_t{100} << 20; },
       {"100 MiB"}},
      {Id::kLedgerDamaged,
       [](Facts& facts) {
         Ledger(facts).verdict = LedgerFacts::Verdict::kDamaged;
         Ledger(facts).words = "row 3 missing from index";
       },
       {"row 3 missing", "/state/ledger.db"}},
      {Id::kLedgerUnchecked,
       [](Facts& facts) {
         Ledger(facts).verdict = LedgerFacts::Verdict::kUnread;
         Ledger(facts).is_late = true;
       },
       {"--timeout 10m"}},
      {Id::kClockOff,
       [](Facts& facts) { facts.gateways[0].record.clock_off = -absl::Minutes(5); },
       {"5m ahead of the upstream's"}},
      {Id::kClockBehind, [](Facts& facts) { Ledger(facts).clock_behind = absl::Hours(3); }, {"3h"}},
      {Id::kClockStepped,
       [](Facts& facts) { Ledger(facts).clock_step = -absl::Hours(2); },
       {"back by 2h"}},
      {Id::kLookFailed,
       [](Facts& facts) {
         facts.failed = {{"the tools' settings", "it took longer than 2s", ""}};
       },
       {"longer than 2s"}},
  };
}

std::vector<Case> AccountCases() {
  return {
      {Id::kBreaker,
       [](Facts& facts) { AddBlock(facts, v1::BLOCK_REASON_BREAKER); },
       {"12:00:00", "--end-breaker"}},
      {Id::kPlanFault,
       [](Facts& facts) { AddBlock(facts, v1::BLOCK_REASON_PLAN).set_model("glm-5"); },
       {"glm-5"}},
      {Id::kPlanDiffers,
       [](Facts& facts) {
         facts.config.accounts[0].plan = "pro";
         AddMonth(facts, 1'000, 4'000);
       },
       {"window mcp is kept to 1000 mcp_calls", "allows 4000, as plan max does",
        "zctl init --plan max"}},
      {Id::kWindowUsedUp,
       [](Facts& facts) {
         v1::WindowStatus& window = *Account(facts).add_windows();
         window.set_name("week");
         window.mutable_meter()->set_used_up(true);
         SetProtoTime(facts.now + absl::Hours(2), window.mutable_reset());
       },
       {"week is used up until 12:00:00", "says the provider's meter", "zctl wait --for reset"}},
      {Id::kWall,
       [](Facts& facts) { AddBlock(facts, v1::BLOCK_REASON_WALL).set_detail("used up"); },
       {"12:00:00", "used up", "zctl meter"}},
      {Id::kPaused,
       [](Facts& facts) { Account(facts).add_pauses()->mutable_part()->set_session("it's"); },
       {"session it's", R"(--session 'it'\''s')"}},
      {Id::kLimitAtFloor, [](Facts& facts) { Learn(facts, 1); }, {"1302", "3 are configured"}},
      {Id::kModelLimitAtFloor,
       [](Facts& facts) {
         v1::LearnedLimit& one = *Account(facts).mutable_slots()->add_model_limits();
         one.set_model("glm-5");
         one.set_in_force(true);
         one.set_limit(1);
       },
       {"glm-5"}},
      {Id::kShadow,
       [](Facts& facts) { Account(facts).mutable_shadow()->set_on(true); },
       {"shadow"}},
      {Id::kMeterTrouble,
       [](Facts& facts) { Account(facts).mutable_meter()->set_trouble("401"); },
       {"401"}},
  };
}

std::vector<Case> ToolCases() {
  return {
      {Id::kGatewayOldToken,
       [](Facts& facts) { facts.gateways[0].has_kept_token = false; },
       {"127.0.0.1:8787"}},
      {Id::kToolGatewayDown,
       [](Facts& facts) {
         facts.gateways.clear();
         facts.listeners.clear();
       },
       {"claude", "127.0.0.1:8787", "zlease gateway"}},
      {Id::kToolGatewayForeign,
       [](Facts& facts) {
         facts.gateways.clear();
         facts.listeners = {{.port = 8787, .user = 1001}};
       },
       {"user 1001", "zctl setup claude --undo"}},
      {Id::kToolOldToken,
       [](Facts& facts) { facts.tools[0].routes[0].through_ours = false; },
       {"zctl setup claude"}},
      {Id::kWrongEndpoint,
       [](Facts& facts) {
         facts.config.accounts[0].has_plan = true;
         facts.tools = {MakeTool("codex", Past("https://api.z.ai/api/paas/v4"))};
       },
       {"codex", "1113", "https://api.z.ai/api/coding/paas/v4"}},
      {Id::kGeneralEndpoint,
       [](Facts& facts) {
         facts.tools = {MakeTool("codex", Past("https://api.z.ai/api/paas/v4"))};
       },
       {"1113"}},
      {Id::kWrongProtocol,
       [](Facts& facts) {
         facts.tools = {MakeTool("claude", Past("https://api.z.ai/api/coding/paas/v4"))};
       },
       {"https://api.z.ai/api/anthropic"}},
      {Id::kNoSuchService,
       [](Facts& facts) { facts.tools = {MakeTool("claude", Past("https://api.z.ai/anthropic"))}; },
       {"https://api.z.ai/api/anthropic"}},
      {Id::kUrlIgnored,
       [](Facts& facts) {
         facts.tools.push_back(MakeTool("codex", Past("https://example.com/v1")));
         facts.environment = {{"OPENAI_BASE_URL", "https://api.z.ai/api/coding/paas/v4"}};
       },
       {"OPENAI_BASE_URL", "zctl setup codex"}},
      {Id::kSettingsDisagree,
       [](Facts& facts) {
         facts.tools[0].overridden = {
             {.url = "https://api.z.ai/api/anthropic", .place = "ANTHROPIC_BASE_URL"}};
       },
       {"unset ANTHROPIC_BASE_URL"}},
      {Id::kUpstreamsDiffer,
       [](Facts& facts) {
         facts.tools.push_back(
             MakeTool("kilo", Past("https://open.bigmodel.cn/api/coding/paas/v4")));
       },
       {"kilo", "open.bigmodel.cn", "account default", "api.z.ai"}},
      {Id::kSettingsUnusable,
       [](Facts& facts) {
         facts.tools[0].remarks = {"passing over a", "over b"};
       },
       {"passing over a; and 1 more"}},
      {Id::kRoundBroker,
       [](Facts& facts) { facts.connections = {Script()}; },
       {"ask (pid 77)", "api.z.ai:443", "zlease -- python3 ask.py"}},
  };
}

std::vector<Case> AllCases() {
  std::vector<Case> all;
  for (const auto& part : {DaemonCases(), MachineCases(), AccountCases(), ToolCases()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

class RuleTest : public ::testing::TestWithParam<Case> {};

INSTANTIATE_TEST_SUITE_P(Each, RuleTest, ::testing::ValuesIn(AllCases()), [](const auto& one) {
  return absl::StrReplaceAll(KindOf(one.param.id).name, {{"-", "_"}});
});

TEST_P(RuleTest, IsFoundAloneWithItsFix) {
  Facts facts = Healthy();
  GetParam().spoil(facts);
  const auto findings = Diagnose(facts);
  ASSERT_THAT(Names(findings), ElementsAre(std::string(KindOf(GetParam().id).name)));
  for (const std::string& word : GetParam().words) {
    EXPECT_THAT(absl::StrCat(findings[0].text, "\n", findings[0].fix), HasSubstr(word));
  }
}

TEST(RulesTest, EveryKindHasACase) {
  std::vector<Id> with_case;
  for (const Case& one : AllCases()) with_case.push_back(one.id);
  for (const Kind& kind : AllKinds()) EXPECT_THAT(with_case, Contains(kind.id)) << kind.name;
}

TEST(RulesTest, TheGravestComesFirst) {
  Facts facts = Healthy();
  Account(facts).mutable_shadow()->set_on(true);
  facts.connections = {Script()};
  Directory(facts).network_type = "NFS";
  EXPECT_THAT(Found(facts), ElementsAre("state-on-network", "round-broker", "shadow"));
}

}  // namespace
}  // namespace zbroker::doctor
