// Leases below leases: commands that start others and wait for them, with one slot for all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "tests/testing/daemon_process.h"
#include "tests/testing/gateway_process.h"
#include "tests/testing/upstream_process.h"

namespace zbroker::testing {
namespace {

constexpr char kOneSlot[] = R"(
[account.default.slots]
limit = 1
[[account.default.window]]
name = "w"
unit = "prompts"
length = "1h"
limit = 9
enforce = "hard"
[account.other.slots]
limit = 1
)";

// Long enough for many processes on a busy machine, and far from what a deadlock takes.
constexpr absl::Duration kPatience = absl::Seconds(20);

class NestedTest : public ::testing::Test {
 protected:
  NestedTest() { daemon_.Start(); }

  // Below zlease with these arguments; a script knows zlease as $Z.
  Process Start(std::vector<std::string> arguments, const EnvironmentVariables& more = {}) const {
    arguments.insert(arguments.begin(), Program("zlease"));
    EnvironmentVariables all = daemon_.Environment();
    all.emplace_back("Z", Program("zlease"));
    all.insert(all.end(), more.begin(), more.end());
    return Process::Start(arguments, all);
  }
  // Under a lease of its own.
  Process StartScript(const std::string& script, const EnvironmentVariables& more = {}) const {
    return Start({"--", "sh", "-c", script}, more);
  }
  Process::End Run(const std::string& script) const { return StartScript(script).Wait(kPatience); }
  // For a script that goes on when a file is there.
  std::string UntilLet() const {
    return absl::StrCat("echo ready; until [ -e ", let_, " ]; do sleep 0.02; done; ");
  }
  void Let() const { WriteFile(let_, ""); }
  static void AwaitReady(const Process& process) {
    ASSERT_TRUE(WaitUntil([&] { return process.Out().find("ready\n") != std::string::npos; }))
        << process.Err();
  }

  std::vector<v1::LedgerRow> SettledRows() const {
    EXPECT_TRUE(daemon_.WaitForSlots(0, 0));
    return daemon_.Rows();
  }
  void ExpectChargedOnce() const { EXPECT_EQ(daemon_.Status().accounts(0).windows(0).used(), 1); }

  DaemonProcess daemon_{kOneSlot};
  const std::string let_ = daemon_.dir().File("let");
};

TEST_F(NestedTest, CommandBelowACommandRunsAtOnceAndIsPartOfItsPrompt) {
  const auto end = Run("exec $Z --no-wait -- true");
  EXPECT_EQ(end.exit_status, 0) << end.err;
  const auto rows = SettledRows();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].parent_lease_id(), 0u);
  EXPECT_EQ(rows[1].parent_lease_id(), rows[0].lease_id());
  EXPECT_EQ(rows[0].outcome(), v1::OUTCOME_OK);
  EXPECT_EQ(rows[1].outcome(), v1::OUTCOME_OK);
  ExpectChargedOnce();
}

TEST_F(NestedTest, CommandThatWouldNotWaitDoesNotHaveTo) {
  EXPECT_EQ(Run("$Z --no-wait -- $Z --no-wait -- true").exit_status, 0);
}

TEST_F(NestedTest, SiblingsTakeTurns) {
  const auto end = Run("$Z -- true & one=$!; $Z -- true & wait $one && wait $!");
  EXPECT_EQ(end.exit_status, 0) << end.err;
  EXPECT_EQ(SettledRows().size(), 3u);
}

TEST_F(NestedTest, ThreeDeepEachStandsOnTheOneAbove) {
  const auto end = Run("$Z -- sh -c '$Z -- sh -c \"$Z -- true\"'");
  EXPECT_EQ(end.exit_status, 0) << end.err;
  const auto rows = SettledRows();
  ASSERT_EQ(rows.size(), 4u);
  for (size_t i = 1; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].parent_lease_id(), rows[i - 1].lease_id());
  }
}

TEST_F(NestedTest, NextChildRunsWhenTheOneBeforeWasKilled) {
  const auto end = Run("$Z -- sh -c 'kill -KILL $PPID'; exec $Z -- true");
  EXPECT_EQ(end.exit_status, 0) << end.err;
  const auto rows = SettledRows();
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[1].outcome(), v1::OUTCOME_LOST);
  EXPECT_EQ(rows[2].outcome(), v1::OUTCOME_OK);
}

TEST_F(NestedTest, WhatIsBelowAKilledOneKeepsTheSlotToItsEnd) {
  // The lowest zlease outlives the shell between it and the one that is killed.
  const std::string lowest = "$Z -- sh -c '" + UntilLet() + "' &";
  const std::string middle = lowest + " echo $PPID; wait";
  Process top = StartScript("$Z -- sh -c \"$MIDDLE\" || exit 42", {{"MIDDLE", middle}});
  AwaitReady(top);
  const std::string out = top.Out();
  const pid_t pid = atoi(out.c_str() + out.find_first_of("0123456789"));
  ASSERT_GT(pid, 0) << out;
  kill(pid, SIGKILL);
  EXPECT_EQ(top.Wait(kPatience).exit_status, 42);
  EXPECT_EQ(daemon_.Slots().in_flight(), 1u);
  EXPECT_EQ(daemon_.Zlease({"--no-wait", "--", "true"}).exit_status, 75);
  Let();
  EXPECT_TRUE(daemon_.WaitForSlots(0, 0));
  EXPECT_EQ(daemon_.Rows().at(1).outcome(), v1::OUTCOME_LOST);
  EXPECT_EQ(daemon_.Zlease({"--no-wait", "--", "true"}).exit_status, 0);
}

TEST_F(NestedTest, DaemonThatDiesChangesNothing) {
  Process top = StartScript("$Z -- sh -c '" + UntilLet() + "$Z -- true'");
  AwaitReady(top);
  daemon_.Stop(SIGKILL);
  daemon_.Start();
  Let();
  const auto end = top.Wait(kPatience);
  EXPECT_EQ(end.exit_status, 0) << end.err;
  const auto rows = SettledRows();
  ASSERT_EQ(rows.size(), 3u);
  for (const v1::LedgerRow& row : rows) EXPECT_EQ(row.outcome(), v1::OUTCOME_OK);
}

TEST_F(NestedTest, CommandOfAnotherAccountHasASlotThere) {
  const auto end = Run("$Z --account other -- sh -c '$Z --account other -- true'");
  EXPECT_EQ(end.exit_status, 0) << end.err;
  const auto rows = SettledRows();
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[1].account(), "other");
  EXPECT_EQ(rows[2].account(), "other");
}

TEST_F(NestedTest, WholeChainIsOnePrompt) {
  const auto end = Run("$Z -- $Z -- true");
  EXPECT_EQ(end.exit_status, 0) << end.err;
  ASSERT_EQ(SettledRows().size(), 3u);
  ExpectChargedOnce();
}

TEST_F(NestedTest, CommandStandsOnTheLeaseOfItsAccountFurtherUp) {
  const auto end = Run("$Z --account other -- $Z --timeout 5s -- true");
  EXPECT_EQ(end.exit_status, 0) << end.err;
}

TEST_F(NestedTest, WindowThatItsHostHasUsedUpHasRoomForWhatIsBelow) {
  daemon_.Stop(SIGTERM);
  daemon_.SetConfig(absl::StrReplaceAll(kOneSlot, {{"limit = 9", "limit = 1"}}));
  daemon_.Start();
  const auto end = Run("$Z --timeout 5s -- true");
  EXPECT_EQ(end.exit_status, 0) << end.err;
  ExpectChargedOnce();
  EXPECT_EQ(daemon_.Zlease({"--no-wait", "--", "true"}).exit_status, 75);
}

// Requests of programs that run under leases.
class NestedRequestTest : public NestedTest {
 protected:
  NestedRequestTest() {
    const std::string work = upstream_.WorkUrl();
    url_ = work.substr(0, work.rfind('/')) + "/api/anthropic";
  }

  // A command that sends a request to the base URL that a shell knows by this word, and prints the
  // status of the answer.
  static std::string Ask(absl::string_view base) {
    return absl::StrCat(
        "curl -s -o /dev/null -w '%{http_code}\\n' -m 15 -H 'content-type: application/json' -d "
        R"('{"model":"glm-4.7","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}' )",
        base, "/v1/messages");
  }
  // A script knows the command that asks the gateway it is pointed at as $ASK.
  Process::End RunAt(const std::vector<std::string>& arguments) const {
    return Start(arguments, {{"ANTHROPIC_BASE_URL", url_}, {"ASK", Ask("$ANTHROPIC_BASE_URL")}})
        .Wait(kPatience);
  }
  void ExpectEachBelowTheOneBefore(size_t count) const {
    const auto rows = SettledRows();
    ASSERT_EQ(rows.size(), count);
    for (size_t i = 1; i < rows.size(); ++i) {
      EXPECT_EQ(rows[i].parent_lease_id(), rows[i - 1].lease_id());
      EXPECT_EQ(rows[i].outcome(), v1::OUTCOME_OK);
    }
  }

  UpstreamProcess upstream_{{"--service", "1ms"}};
  std::string url_;
};

TEST_F(NestedRequestTest, AgentBelowACommandRunsOnItsSlot) {
  const auto end = RunAt({"--", "sh", "-c", "$Z --per-request -- sh -c \"$ASK\""});
  EXPECT_EQ(end.out, "200\n") << end.err;
  ExpectEachBelowTheOneBefore(2);
  ExpectChargedOnce();
}

TEST_F(NestedRequestTest, AgentIsBelowWhatItWasStartedBelow) {
  const std::string script = "echo ${ZLEASE_PARENT:-none}";
  const auto end = RunAt({"--", Program("zlease"), "--per-request", "--", "sh", "-c", script});
  EXPECT_EQ(end.out, "1\n") << end.err;
  EXPECT_EQ(RunAt({"--per-request", "--", "sh", "-c", script}).out, "none\n");
}

TEST_F(NestedRequestTest, RequestOfACommandBelowAnAgentRunsOnTheCommandsSlot) {
  const auto end = RunAt({"--per-request", "--", "sh", "-c", "$Z -- sh -c \"$ASK\""});
  EXPECT_EQ(end.out, "200\n") << end.err;
  ExpectEachBelowTheOneBefore(2);
  ExpectChargedOnce();
}

TEST_F(NestedRequestTest, CommandBelowAnAgentBelowACommandIsTheNearest) {
  const auto end = RunAt({"--", "sh", "-c", "$Z --per-request -- sh -c '$Z -- sh -c \"$ASK\"'"});
  EXPECT_EQ(end.out, "200\n") << end.err;
  ExpectEachBelowTheOneBefore(3);
}

TEST_F(NestedRequestTest, LongLivedGatewayFindsTheLeaseOfTheProgramThatConnects) {
  const GatewayProcess gateway(daemon_, url_);
  const std::string base = absl::StrCat("http://127.0.0.1:", gateway.port(), gateway.path());
  const auto end = RunAt({"--", "sh", "-c", Ask(base)});
  EXPECT_EQ(end.out, "200\n") << end.err;
  ExpectEachBelowTheOneBefore(2);
  ExpectChargedOnce();
}

TEST_F(NestedRequestTest, LongLivedGatewayBelievesTheProgramRatherThanItsOwnArguments) {
  const GatewayProcess gateway(daemon_, url_, {"--parent", "77"});
  const std::string ask = Ask(absl::StrCat("http://127.0.0.1:", gateway.port(), gateway.path()));
  EXPECT_EQ(RunAt({"--", "sh", "-c", ask}).out, "200\n");
  ExpectEachBelowTheOneBefore(2);
  ExpectChargedOnce();
}

TEST_F(NestedRequestTest, ProgramUnderNoLeaseHasTheGatewaysParent) {
  Process top = StartScript(UntilLet());
  AwaitReady(top);
  const GatewayProcess gateway(daemon_, url_, {"--parent", "1"});
  const auto end = RunProgram(
      {"sh", "-c", Ask(absl::StrCat("http://127.0.0.1:", gateway.port(), gateway.path()))});
  EXPECT_EQ(end.out, "200\n") << end.err;
  Let();
  EXPECT_EQ(top.Wait(kPatience).exit_status, 0);
  ExpectEachBelowTheOneBefore(2);
  ExpectChargedOnce();
}

}  // namespace
}  // namespace zbroker::testing
