// `zlease AGENT`: an agent behind a gateway of its own, as its user sees it.
#include "tests/integration/agent.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace zbroker::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;

TEST_F(AgentTest, EachRequestTakesALeaseAndTheRunTakesNone) {
  const auto end = RunAgent("ask; ask");
  EXPECT_EQ(end.out, "200\n200\n");
  EXPECT_THAT(end.err, IsEmpty());
  EXPECT_EQ(end.exit_status, 0);
  const auto rows = daemon_.Rows();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].model(), "glm-4.7");
  EXPECT_EQ(rows[0].outcome(), v1::OUTCOME_OK);
  EXPECT_EQ(rows[0].program(), "curl");
  EXPECT_EQ(rows[0].via(), "claude");
  EXPECT_EQ(upstream_.Stat("requests"), 2);
}

TEST_F(AgentTest, RunWhoseRequestsWentElsewhereIsToldSo) {
  EXPECT_EQ(RunAgent("true; exit 3").exit_status, 3);
  EXPECT_THAT(RunAgent("true").err,
              AllOf(HasSubstr("zlease: no request of claude came through its gateway"),
                    HasSubstr("--per-command")));
  const auto quiet = RunProgram({Program("zlease"), "--quiet", agent_, "true"}, Environment());
  EXPECT_THAT(quiet.err, IsEmpty());
}

TEST_F(AgentTest, AgentIsFoundBehindLaunchers) {
  const auto end = RunProgram(
      {Program("zlease"), "env", "WHO=me", "nohup", agent_, "ask; echo $WHO"}, Environment());
  EXPECT_EQ(end.out, "200\nme\n");
  EXPECT_EQ(daemon_.Rows().size(), 1u);
}

TEST_F(AgentTest, OwnSettingsOfTheAgentNameTheUpstream) {
  WriteFile(home_ + "/.claude/settings.json",
            absl::StrCat(R"({"env":{"ANTHROPIC_BASE_URL":")", UpstreamUrl(), "\"}}"));
  EXPECT_EQ(RunAgent("ask", {{"ANTHROPIC_BASE_URL", "http://127.0.0.1:1"}}).out, "200\n");
  EXPECT_EQ(upstream_.Stat("requests"), 1);
}

TEST_F(AgentTest, SettingsThatCannotBeUsedAreNamedAndPassedOver) {
  const std::string path = home_ + "/.claude/settings.json";
  WriteFile(path, "{ // mine\n}");
  const auto end = RunAgent("ask");
  EXPECT_EQ(end.out, "200\n");
  EXPECT_THAT(end.err, HasSubstr("zlease: passing over " + path));
}

TEST_F(AgentTest, UrlIsInAFileOfOurOwnAndNotInTheArguments) {
  const auto end =
      RunAgent("stat -c %a $settings; tr '\\0' ' ' </proc/$$/cmdline; echo; echo $url");
  const std::vector<std::string> lines = absl::StrSplit(end.out, '\n');
  ASSERT_GE(lines.size(), 3u);
  EXPECT_EQ(lines[0], "600");
  EXPECT_THAT(lines[1], Not(HasSubstr("http://")));
  EXPECT_THAT(lines[2], MatchesRegex("http://127\\.0\\.0\\.1:[0-9]+/[0-9a-f]{32}"));
  const auto after = RunProgram({"find", daemon_.dir().path(), "-name", "settings-*"});
  EXPECT_THAT(after.out, IsEmpty());
}

TEST_F(AgentTest, ExitStatusAndSignalAreTheAgents) {
  EXPECT_EQ(RunAgent("exit 42").exit_status, 42);
  EXPECT_EQ(RunAgent("kill -TERM $$").signal, SIGTERM);
  EXPECT_EQ(RunAgent("kill -KILL $$").signal, SIGKILL);
}

TEST_F(AgentTest, SignalSentToTheShimReachesTheAgent) {
  Process zlease = StartAgent("trap 'ask; exit 7' TERM; echo ready; while :; do sleep 0.02; done");
  ASSERT_TRUE(WaitUntil([&] { return zlease.Out() == "ready\n"; })) << zlease.Err();
  zlease.Signal(SIGTERM);
  const auto end = zlease.Wait();
  EXPECT_EQ(end.out, "ready\n200\n");
  EXPECT_EQ(end.exit_status, 7);
}

TEST_F(AgentTest, GatewayEndsWithTheAgent) {
  Process zlease = StartAgent(UntilLet());
  ASSERT_TRUE(WaitUntil([&] { return zlease.Out() == "ready\n"; })) << zlease.Err();
  const pid_t gateway = GatewayOf(zlease);
  ASSERT_GT(gateway, 0);
  Let();
  EXPECT_EQ(zlease.Wait().exit_status, 0);
  EXPECT_FALSE(Alive(gateway));
}

TEST_F(AgentTest, KilledGatewayIsStartedAgainOnTheSameUrl) {
  Process zlease = StartAgent("ask; " + UntilLet() + "ask");
  ASSERT_TRUE(WaitUntil([&] { return zlease.Out() == "200\nready\n"; })) << zlease.Err();
  const pid_t gateway = GatewayOf(zlease);
  ASSERT_GT(gateway, 0);
  kill(gateway, SIGKILL);
  ASSERT_TRUE(WaitUntil([&] {
    const pid_t next = GatewayOf(zlease);
    return next > 0 && next != gateway;
  })) << zlease.Err();
  Let();
  const auto end = zlease.Wait();
  EXPECT_EQ(end.out, "200\nready\n200\n");
  EXPECT_EQ(end.err, "zlease: the gateway was ended by signal 9 (Killed); starting it again\n");
}

TEST_F(AgentTest, KeyboardDoesNotReachTheGateway) {
  Process zlease = StartAgent(UntilLet() + "ask");
  ASSERT_TRUE(WaitUntil([&] { return zlease.Out() == "ready\n"; })) << zlease.Err();
  const pid_t gateway = GatewayOf(zlease);
  ASSERT_GT(gateway, 0);
  for (const int signal : {SIGINT, SIGQUIT, SIGHUP}) kill(gateway, signal);
  Let();
  const auto end = zlease.Wait();
  EXPECT_EQ(end.out, "ready\n200\n");
  EXPECT_THAT(end.err, IsEmpty());
}

TEST_F(AgentTest, AgentAndGatewayEndWhenTheShimIsKilled) {
  Process zlease = StartAgent(UntilLet());
  ASSERT_TRUE(WaitUntil([&] { return zlease.Out() == "ready\n"; })) << zlease.Err();
  const std::vector<pid_t> children = ChildrenOf(zlease.pid());
  ASSERT_EQ(children.size(), 2u);
  zlease.Signal(SIGKILL);
  EXPECT_EQ(zlease.Wait().signal, SIGKILL);
  EXPECT_TRUE(WaitUntil([&] { return !Alive(children[0]) && !Alive(children[1]); }));
}

TEST_F(AgentTest, AgentBelowAnAgentUsesTheSameGateway) {
  // With one slot, two gateways in a row would wait for each other.
  const auto end = RunAgent(absl::StrCat(Program("zlease"), " ", agent_, " ask"));
  EXPECT_EQ(end.out, "200\n");
  EXPECT_EQ(daemon_.Rows().size(), 1u);
}

TEST_F(AgentTest, AgentGoesPastTheProxyAndItsGatewayThroughIt) {
  // The fake upstream is the proxy. It is none, so it answers 404; without it nothing would.
  const auto end =
      RunAgent("echo $NO_PROXY $no_proxy; ask", {{"ANTHROPIC_BASE_URL", "http://upstream.invalid"},
                                                 {"http_proxy", UpstreamUrl()},
                                                 {"no_proxy", "intranet"}});
  EXPECT_EQ(end.out, "intranet,127.0.0.1 intranet,127.0.0.1\n404\n");
  EXPECT_EQ(daemon_.Rows().size(), 1u);
}

TEST_F(AgentTest, RunThatCallsNoModelHasNoGateway) {
  const auto end = RunProgram({Program("zlease"), agent_, "--version", "echo $url"}, Environment());
  EXPECT_EQ(end.out, UpstreamUrl() + "\n");
}

TEST_F(AgentTest, BadUpstreamIsRefused) {
  const auto end =
      RunProgram({Program("zlease"), "--upstream", "nonsense", agent_, "ask"}, Environment());
  EXPECT_EQ(end.exit_status, 125);
  EXPECT_THAT(end.err, HasSubstr("zlease: --upstream: "));
}

TEST_F(AgentTest, SettingsThatAreMistypedAreRefusedAndTakeNoLease) {
  const auto end =
      RunProgram({Program("zlease"), agent_, "--settings", "{bad", "ask"}, Environment());
  EXPECT_EQ(end.exit_status, 125);
  EXPECT_THAT(end.err, AllOf(HasSubstr("zlease: --settings: "), HasSubstr("is not JSON")));
  EXPECT_THAT(end.out, IsEmpty());
  EXPECT_EQ(daemon_.Rows().size(), 0u);
}

TEST_F(AgentTest, AnyProgramHasItsRequestsLeasedWhenToldSo) {
  const std::string program = daemon_.dir().File("script");
  WriteFile(program, kAgent);
  chmod(program.c_str(), 0700);
  const auto end =
      RunProgram({Program("zlease"), "--per-request", "--", program, "ask"}, Environment());
  EXPECT_EQ(end.out, "200\n");
  EXPECT_EQ(daemon_.Rows().at(0).model(), "glm-4.7");
}

TEST_F(AgentTest, MissingGatewayIsReportedWithWhereItWasLookedFor) {
  const std::string copy = daemon_.dir().File("zlease");
  ASSERT_EQ(RunProgram({"cp", Program("zlease"), copy}).exit_status, 0);
  const auto end = RunProgram({copy, agent_, "ask"}, Environment());
  EXPECT_EQ(end.exit_status, 125);
  EXPECT_THAT(end.err, HasSubstr("no program zlease-gateway in " + daemon_.dir().path()));
}

TEST_F(AgentTest, LongLivedGatewayKeepsItsToken) {
  const auto run = [&] {
    Process gateway = Process::Start(
        {Program("zlease"), "--quiet", "gateway", "--listen", "127.0.0.1:0"}, Environment());
    EXPECT_TRUE(WaitUntil([&] { return gateway.Out().find('\n') != std::string::npos; }))
        << gateway.Err();
    gateway.Signal(SIGTERM);
    const auto end = gateway.Wait();
    EXPECT_EQ(end.exit_status, 0) << end.err;
    return end.out.substr(end.out.rfind('/'));
  };
  const std::string first = run();
  EXPECT_THAT(first, MatchesRegex("/[0-9a-f]{32}\n"));
  EXPECT_EQ(run(), first);
}

TEST_F(AgentTest, GatewayThatIsRunDirectlyGoesWhereTheConfigurationSays) {
  daemon_.SetConfig(absl::StrCat("[account.default]\nupstream = '", UpstreamUrl(), "'\n"));
  Process gateway = Process::Start({Program("zlease-gateway"), "--listen", "127.0.0.1:0"},
                                   Environment({{"ANTHROPIC_BASE_URL", "http://127.0.0.1:1"}}));
  ASSERT_TRUE(WaitUntil([&] { return gateway.Out().find('\n') != std::string::npos; }));
  std::string url = gateway.Out();
  url.pop_back();
  EXPECT_EQ(RunAgent("ask", {{"ANTHROPIC_BASE_URL", url}}).out, "200\n");
  EXPECT_EQ(upstream_.Stat("requests"), 1);
}

TEST_F(AgentTest, UpstreamOfTheConfigurationThatIsNoUrlIsRefusedWithItsPlace) {
  daemon_.SetConfig("[account.default]\nupstream = 'nonsense'\n");
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{Program("zlease"), "gateway"}, {Program("zlease-gateway")}}) {
    const auto end = RunProgram(command, Environment());
    EXPECT_EQ(end.exit_status, 125);
    EXPECT_THAT(end.err, AllOf(HasSubstr("config.toml:2: account.default.upstream: "),
                               HasSubstr("nonsense")));
  }
}

TEST_F(AgentTest, LongLivedGatewayGoesWhereTheConfigurationSays) {
  daemon_.SetConfig(absl::StrCat("[account.default]\nupstream = '", UpstreamUrl(), "'\n"));
  Process gateway =
      Process::Start({Program("zlease"), "gateway", "--listen", "127.0.0.1:0"}, Environment());
  ASSERT_TRUE(WaitUntil([&] { return gateway.Out().find('\n') != std::string::npos; }));
  std::string url = gateway.Out();
  url.pop_back();
  // The agent finds that it is behind a gateway already.
  EXPECT_EQ(RunAgent("ask", {{"ANTHROPIC_BASE_URL", url}}).out, "200\n");
  EXPECT_EQ(daemon_.Rows().size(), 1u);
  EXPECT_EQ(upstream_.Stat("requests"), 1);
  // So it does by another name of the same machine.
  url.replace(url.find("127.0.0.1"), 9, "localhost");
  EXPECT_EQ(RunAgent("ask", {{"ANTHROPIC_BASE_URL", url}}).out, "200\n");
  EXPECT_EQ(daemon_.Rows().size(), 2u);
}

TEST_F(AgentTest, RequestsOfTwoContainersAreNotOneSession) {
  const std::vector<std::string> unshare = {"unshare", "--pid",        "--fork",
                                            "--mount", "--mount-proc", "--kill-child"};
  std::vector<std::string> probe = unshare;
  probe.emplace_back("true");
  if (const auto end = RunProgram(probe); end.exit_status != 0) {
    GTEST_SKIP() << "no namespaces to be had here: " << end.err;
  }
  // The same program with the same pid in both, which are there at the same time.
  std::vector<std::string> command = unshare;
  for (const std::string& word : Command(UntilLet() + "ask")) command.push_back(word);
  Process both[] = {Process::Start(command, Environment()), Process::Start(command, Environment())};
  for (const Process& one : both) {
    ASSERT_TRUE(WaitUntil([&] { return one.Out() == "ready\n"; })) << one.Err();
  }
  Let();
  for (Process& one : both) EXPECT_EQ(one.Wait().out, "ready\n200\n");
  const auto rows = daemon_.Rows();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_NE(rows[0].session(), rows[1].session());
  EXPECT_NE(rows[0].session().find('@'), std::string::npos);
  EXPECT_EQ(rows[0].pid(), 0);
  EXPECT_NE(rows[0].via_pid(), 0);
}

}  // namespace
}  // namespace zbroker::testing
