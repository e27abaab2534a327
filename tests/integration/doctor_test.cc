// `zctl doctor` on real daemons, gateways and programs that go round them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "tests/integration/agent.h"
#include "tests/testing/raw_upstream.h"

namespace zbroker::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class DoctorTest : public AgentTest {
 protected:
  void SetUp() override {
    daemon_.SetConfig(Config());
    AgentTest::SetUp();
    WriteFile(script_, absl::StrCat("#!/bin/bash\nexec 3<>/dev/tcp/127.0.0.1/", UpstreamPort(),
                                    "\necho ready\nread -r line <&3\n"));
    chmod(script_.c_str(), 0700);
  }
  std::string Config() const {
    return absl::StrCat("[account.default]\nupstream = \"", UpstreamUrl(), "\"\n");
  }
  std::string UpstreamPort() const {
    const std::string url = UpstreamUrl();
    const size_t colon = url.rfind(':');
    return url.substr(colon + 1, url.find('/', colon) - colon - 1);
  }
  EnvironmentVariables Own() const {
    EnvironmentVariables all = daemon_.Environment();
    all.emplace_back("HOME", home_);
    // Whoever runs the tests may have tools of theirs.
    for (const char* name : {"ANTHROPIC_BASE_URL", "OPENAI_BASE_URL", "CLINE_API_BASE_URL",
                             "Z_AI_BASE_URL", "ZHIPU_API_KEY"}) {
      all.emplace_back(name, "");
    }
    all.emplace_back("PATH", absl::StrCat(daemon_.dir().path(), ":/usr/bin:/bin"));
    return all;
  }
  Process::End Doctor(std::vector<std::string> arguments = {}) const {
    // However busy the machine is.
    arguments.insert(arguments.begin(), {Program("zctl"), "doctor", "--timeout", "50s"});
    return RunProgram(arguments, Own());
  }
  // Connected to the upstream when this returns.
  Process Start(const std::vector<std::string>& before = {}) const {
    std::vector<std::string> command = before;
    command.push_back(script_);
    Process process = Process::Start(command, Own());
    EXPECT_TRUE(WaitUntil([&] { return process.Out() == "ready\n"; })) << process.Err();
    return process;
  }
  Process StartGateway(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> command = {Program("zlease"), "gateway", "--listen", "127.0.0.1:0"};
    command.insert(command.end(), more.begin(), more.end());
    Process gateway = Process::Start(command, Own());
    EXPECT_TRUE(WaitUntil([&] { return absl::EndsWith(gateway.Out(), "\n"); })) << gateway.Err();
    return gateway;
  }

  const std::string script_ = daemon_.dir().File("nightly.sh");
};

TEST_F(DoctorTest, HealthySystemIsOneLine) {
  const auto end = Doctor();
  EXPECT_EQ(end.exit_status, 0) << end.out << end.err;
  EXPECT_THAT(end.out, StartsWith("all is well: zbrokerd "));
  EXPECT_EQ(end.out.find('\n'), end.out.size() - 1) << end.out;
  EXPECT_THAT(end.err, IsEmpty());
}

TEST_F(DoctorTest, HealthySystemAsJson) {
  const auto end = Doctor({"--json"});
  EXPECT_EQ(end.exit_status, 0) << end.out;
  EXPECT_THAT(end.out, AllOf(StartsWith(R"({"schema_version":1,"version":")"),
                             HasSubstr(R"("healthy":true,"findings":[],"error":""})")));
}

TEST_F(DoctorTest, ScriptThatGoesRoundTheBrokerIsNamedWithItsFix) {
  Process script = Start();
  const auto end = Doctor();
  EXPECT_EQ(end.exit_status, 1);
  EXPECT_THAT(end.out,
              HasSubstr(absl::StrCat("warning round-broker: nightly.sh (pid ", script.pid(),
                                     ") is connected to 127.0.0.1:", UpstreamPort())));
  EXPECT_THAT(end.out, HasSubstr("\n  fix: zlease -- nightly.sh\n"));
  EXPECT_THAT(Doctor({"--json"}).out,
              AllOf(HasSubstr(R"("healthy":false)"),
                    HasSubstr(absl::StrCat(
                        R"({"id":"round-broker","severity":"warning","subject":"nightly.sh (pid )",
                        script.pid(), ")\","))));
  script.Signal(SIGKILL);
  script.Wait();
  EXPECT_EQ(Doctor().exit_status, 0);
}

TEST_F(DoctorTest, WhatRunsUnderALeaseGoesRoundNothing) {
  Process script = Start({Program("zlease"), "--"});
  const auto end = Doctor();
  EXPECT_EQ(end.exit_status, 0) << end.out;
}

TEST_F(DoctorTest, WhatGoesThroughAGatewayGoesRoundNothing) {
  // The gateway keeps its connection to the upstream for a while.
  const auto end = RunAgent(
      absl::StrCat("ask; ", Program("zctl"), " doctor --timeout 50s --upstream ", UpstreamUrl()),
      {{"ZBROKER_CONFIG", daemon_.dir().File("config.toml")}});
  EXPECT_THAT(end.out, StartsWith("200\nall is well")) << end.err;
}

TEST_F(DoctorTest, HostMayBeNamedOnTheCommandLine) {
  daemon_.SetConfig("[account.default]\nupstream = \"http://127.0.0.1:9\"\n");
  Process script = Start();
  EXPECT_EQ(Doctor().exit_status, 0);
  EXPECT_THAT(Doctor({"--upstream", UpstreamUrl()}).out, HasSubstr("round-broker: nightly.sh"));
}

TEST_F(DoctorTest, DaemonThatIsStoppedIsSaidInTimeAndTheRestIsLookedAtAllTheSame) {
  Process script = Start();
  const pid_t pid = daemon_.RunningPid();
  kill(pid, SIGSTOP);
  const auto end = RunProgram({Program("zctl"), "doctor", "--timeout", "12s"}, Own());
  kill(pid, SIGCONT);
  EXPECT_EQ(end.exit_status, 1);
  EXPECT_THAT(end.out, HasSubstr(absl::StrCat("fix: kill -CONT ", pid, "\n")));
  EXPECT_THAT(end.out, HasSubstr("round-broker: nightly.sh"));
  EXPECT_LT(end.took, absl::Seconds(30));
}

TEST_F(DoctorTest, WithoutADaemonTheRestIsLookedAtAndNoneIsStarted) {
  daemon_.Stop(SIGTERM);
  Process script = Start();
  daemon_.SetConfig(Config() + "no_such_key = 1\n");
  WriteFile(daemon_.ledger(), std::string(100'000, 'x'));
  const auto end = Doctor();
  EXPECT_EQ(end.exit_status, 1);
  EXPECT_THAT(end.out,
              AllOf(HasSubstr("warning daemon-down: "), HasSubstr("fix: zctl status"),
                    HasSubstr("error config-mistake: "), HasSubstr("no_such_key"),
                    HasSubstr("error ledger-damaged: "), HasSubstr("round-broker: nightly.sh")));
  EXPECT_EQ(daemon_.RunningPid(), 0);
  EXPECT_NE(access((daemon_.ledger() + "-wal").c_str(), F_OK), 0);
}

TEST_F(DoctorTest, ToolThatIsPointedAtAGatewayThatIsGoneOrHasAnotherTokenIsNamed) {
  mkdir((home_ + "/.codex").c_str(), 0700);
  const std::string settings = home_ + "/.codex/config.toml";
  WriteFile(settings, absl::StrCat("model_provider = \"zai\"\n[model_providers.zai]\nbase_url = \"",
                                   UpstreamUrl(), "\"\n"));
  Process gateway = StartGateway();
  const std::string url(absl::StripAsciiWhitespace(gateway.Out()));
  ASSERT_EQ(RunProgram({Program("zctl"), "setup", "codex", "--yes"}, Own()).exit_status, 0);
  const auto well = Doctor();
  EXPECT_EQ(well.exit_status, 0) << well.out;
  EXPECT_THAT(well.out, HasSubstr("1 gateway runs, codex goes through it"));

  unlink(daemon_.dir().File("gateway-token").c_str());
  const auto other = Doctor();
  EXPECT_THAT(other.out, AllOf(HasSubstr("gateway-old-token"), HasSubstr("tool-old-token"),
                               HasSubstr("fix: zctl setup codex")));
  EXPECT_THAT(other.out, Not(HasSubstr(url)));
  const std::string token = url.substr(url.rfind('/') + 1);
  WriteFile(daemon_.dir().File("gateway-token"), token);

  gateway.Signal(SIGTERM);
  gateway.Wait();
  const auto gone = Doctor();
  EXPECT_EQ(gone.exit_status, 1);
  EXPECT_THAT(gone.out, AllOf(HasSubstr("error tool-gateway-down: no gateway runs on "),
                              HasSubstr("fix: zlease gateway")));
  EXPECT_THAT(gone.out, Not(HasSubstr(token)));
}

TEST_F(DoctorTest, ClockThatTheUpstreamsAnswersContradictIsSaidWithByHowMuch) {
  const std::string date = absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT",
                                            absl::Now() + absl::Hours(1), absl::UTCTimeZone());
  RawUpstream upstream(RawUpstream::Always(
      absl::StrCat("HTTP/1.1 200 OK\r\nDate: ", date, "\r\nContent-Length: 2\r\n\r\n{}")));
  Process gateway = StartGateway({"--upstream", upstream.url()});
  const std::string url(absl::StripAsciiWhitespace(gateway.Out()));
  RunProgram({"curl", "-s", url + "/v1/models"}, Own());
  const auto end = Doctor();
  EXPECT_EQ(end.exit_status, 1);
  EXPECT_THAT(end.out, HasSubstr("warning clock-off: this machine's clock is 59m"));
  EXPECT_THAT(end.out, HasSubstr(" behind the upstream's"));
}

TEST_F(DoctorTest, WrongUseIsSaidWithTwo) {
  EXPECT_EQ(Doctor({"--no-such"}).exit_status, 2);
  EXPECT_EQ(Doctor({"--upstream", "api.z.ai"}).exit_status, 2);
  EXPECT_EQ(RunProgram({Program("zctl"), "doctor", "--timeout", "0s"}, Own()).exit_status, 2);
  const auto json = Doctor({"--json", "--no-such"});
  EXPECT_EQ(json.exit_status, 2);
  EXPECT_THAT(json.out, AllOf(StartsWith("{\"schema_version\":1,"), HasSubstr("--no-such")));
  const auto help = Doctor({"--help"});
  EXPECT_EQ(help.exit_status, 0);
  EXPECT_THAT(help.out, HasSubstr("Examples:\n  zctl doctor"));
}

}  // namespace
}  // namespace zbroker::testing
