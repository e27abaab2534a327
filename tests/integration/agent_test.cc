// `zlease AGENT`: an agent behind a gateway of its own, as its user sees it. The agent is a script
// that sends what curl can.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/base/fd.h"
#include "client/base/process.h"
#include "tests/testing/daemon_process.h"
#include "tests/testing/upstream_process.h"

namespace zbroker::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;

// Runs its last argument with `ask` as a command that prints the HTTP status of a prompt, and $url.
constexpr char kAgent[] = R"sh(#!/bin/sh
url=$ANTHROPIC_BASE_URL
if [ "$1" = --settings ]; then
  settings=$2
  url=$(sed 's/.*"ANTHROPIC_BASE_URL":"\([^"]*\)".*/\1/' "$settings")
fi
prompt='{"model":"glm-4.7","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}'
ask() {
  curl -s -o /dev/null -w '%{http_code}\n' --retry 20 --retry-connrefused --retry-delay 1 \
    -d "$prompt" -H 'content-type: application/json' "$url/v1/messages"
}
once() {
  curl -s -o /dev/null -w '%{http_code}\n' -m 20 \
    -d "$prompt" -H 'content-type: application/json' "$url/v1/messages"
}
for script; do :; done
eval "$script"
)sh";

std::vector<pid_t> ChildrenOf(pid_t pid) {
  const std::string text = ReadFile(absl::StrCat("/proc/", pid, "/task/", pid, "/children"));
  std::vector<pid_t> children;
  for (const auto& one : absl::StrSplit(text, ' ', absl::SkipWhitespace())) {
    children.push_back(atoi(std::string(one).c_str()));
  }
  return children;
}

bool Alive(pid_t pid) {
  const auto stat = ReadProcessStat(pid);
  return stat && stat->alive();
}

class AgentTest : public ::testing::Test {
 protected:
  void SetUp() override {
    daemon_.Start();
    mkdir(home_.c_str(), 0700);
    mkdir((home_ + "/.claude").c_str(), 0700);
    WriteFile(agent_, kAgent);
    chmod(agent_.c_str(), 0700);
  }

  std::string UpstreamUrl() const {
    const std::string work = upstream_.WorkUrl();
    return work.substr(0, work.rfind('/')) + "/api/anthropic";
  }

  EnvironmentVariables Environment(const EnvironmentVariables& more = {}) const {
    EnvironmentVariables all = daemon_.Environment();
    all.emplace_back("HOME", home_);
    all.emplace_back("ANTHROPIC_BASE_URL", UpstreamUrl());
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  std::vector<std::string> Command(const std::string& script) const {
    return {Program("zlease"), agent_, script};
  }
  Process StartAgent(const std::string& script) const {
    return Process::Start(Command(script), Environment());
  }
  Process::End RunAgent(const std::string& script, const EnvironmentVariables& more = {}) const {
    return RunProgram(Command(script), Environment(more));
  }

  // The gateway among the children of a running zlease.
  static pid_t GatewayOf(const Process& zlease) {
    for (const pid_t child : ChildrenOf(zlease.pid())) {
      const auto stat = ReadProcessStat(child);
      if (stat && stat->name == "zlease-gateway") return child;
    }
    return 0;
  }
  // For a script that goes on when a file is there.
  std::string UntilLet() const {
    return absl::StrCat("echo ready; until [ -e ", let_, " ]; do sleep 0.02; done; ");
  }
  void Let() const { WriteFile(let_, ""); }

  DaemonProcess daemon_{"[account.default.slots]\nlimit = 1\n"};
  UpstreamProcess upstream_{{"--service", "1ms"}};
  const std::string home_ = daemon_.dir().File("home");
  const std::string agent_ = daemon_.dir().File("claude");
  const std::string let_ = daemon_.dir().File("let");
};

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

// Whether another process could have the port, as far as the kernel is concerned.
bool CanBind(uint16_t port) {
  const Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

class PortTest : public AgentTest {
 protected:
  // A script that says its port and asks once, without trying again, when it is let.
  Process StartAgentThatAsks() {
    Process zlease = StartAgent("echo ${url%/*}/; " + UntilLet() + "once");
    EXPECT_TRUE(WaitUntil([&] { return absl::EndsWith(zlease.Out(), "ready\n"); }));
    const std::string out = zlease.Out();
    port_ = static_cast<uint16_t>(atoi(out.c_str() + sizeof "http://127.0.0.1:" - 1));
    EXPECT_GT(port_, 0) << out;
    return zlease;
  }
  // Kills the gateway and sees that its port is taken until `until` says that it is enough.
  void KillGateway(const Process& zlease, const std::function<bool()>& until) {
    kill(GatewayOf(zlease), SIGKILL);
    EXPECT_TRUE(WaitUntil([&] {
      EXPECT_FALSE(CanBind(port_));
      return HasFailure() || until();
    })) << zlease.Err();
  }
  static size_t TimesSaid(const Process& zlease, absl::string_view what) {
    return std::vector<std::string>(absl::StrSplit(zlease.Err(), what)).size() - 1;
  }

  uint16_t port_ = 0;
};

TEST_F(PortTest, OfAKilledGatewayIsNobodyElsesAndWhatConnectsWaitsForTheNext) {
  Process zlease = StartAgentThatAsks();
  for (size_t i = 1; i <= 3; ++i) {
    ASSERT_TRUE(WaitUntil([&] { return GatewayOf(zlease) > 0; }));
    KillGateway(zlease, [&] { return TimesSaid(zlease, "starting it again") == i; });
  }
  // The next one is started in a moment, not at once.
  Let();
  EXPECT_THAT(zlease.Wait().out, ::testing::EndsWith("ready\n200\n"));
}

TEST_F(PortTest, OfAGatewayThatStaysDownIsNobodyElsesAndRefusesRequests) {
  Process zlease = StartAgentThatAsks();
  while (TimesSaid(zlease, "stays down") == 0 && !HasFailure()) {
    ASSERT_TRUE(WaitUntil([&] { return GatewayOf(zlease) > 0; }));
    const size_t said = TimesSaid(zlease, "\n");
    KillGateway(zlease, [&] { return TimesSaid(zlease, "\n") > said; });
  }
  Let();
  EXPECT_THAT(zlease.Wait().out, ::testing::EndsWith("ready\n000\n"));
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

}  // namespace
}  // namespace zbroker::testing
