// zctl mcp and zctl hook: what an agent may ask, and what it is kept from, through real programs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "tests/integration/mcp/client.h"
#include "tests/integration/mcp/harness.h"
#include "tests/testing/daemon_process.h"

namespace zbroker::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// With pipes, and with sockets as node has them.
class ZctlMcpTest : public ::testing::TestWithParam<bool> {
 protected:
  McpClient Start(const EnvironmentVariables& environment) const {
    return {{Program("zctl"), "mcp"}, environment, /*sockets=*/GetParam()};
  }
  static std::string Preflight(absl::string_view arguments) {
    return absl::StrCat(R"({"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":)",
                        R"("preflight","arguments":)", arguments, "}}\n");
  }

  DaemonProcess daemon_{
      "[account.default.slots]\nlimit = 1\n"
      "[[account.default.window]]\nname = \"5h\"\nunit = \"prompts\"\nlength = \"5h\"\n"
      "limit = 10\nenforce = \"hard\"\n"
      "[[account.default.weight]]\nmodels = [\"glm-5*\"]\nweight = 3\n"};
};
INSTANTIATE_TEST_SUITE_P(PipesAndSockets, ZctlMcpTest, ::testing::Bool());

TEST_P(ZctlMcpTest, AnAgentReadsTheBudgetThatAdmits) {
  daemon_.Start();
  McpClient client = Start(daemon_.Environment());
  client.Send(McpCall("1", "budget"));
  EXPECT_THAT(client.ReadLine(), HasSubstr("Slots: 0 of 1 taken, nobody waits"));
  const Process holder = daemon_.StartZlease({"--", "sleep", "60"});
  ASSERT_TRUE(daemon_.WaitForSlots(1, 0));
  client.Send(McpCall("2", "budget"));
  EXPECT_THAT(client.ReadLine(), AllOf(HasSubstr("Slots: 1 of 1 taken"),
                                       HasSubstr("1 of 10 prompts used (10%), 9 left")));
}

TEST_P(ZctlMcpTest, APreflightCountsWhatTheModelCosts) {
  daemon_.Start();
  McpClient client = Start(daemon_.Environment());
  client.Send(Preflight(R"({"prompts":4})"));
  EXPECT_THAT(client.ReadLine(), HasSubstr(R"("verdict":"go")"));
  client.Send(Preflight(R"({"prompts":4,"model":"glm-5.1"})"));
  EXPECT_THAT(client.ReadLine(),
              AllOf(HasSubstr(R"("verdict":"too_much")"), HasSubstr(R"("prompts_that_fit":3)")));
}

TEST_P(ZctlMcpTest, AnAgentIsToldWhatARequestWaitsFor) {
  daemon_.Start();
  McpClient client = Start(daemon_.Environment());
  client.Send(McpCall("1", "explain"));
  EXPECT_THAT(client.ReadLine(), AllOf(HasSubstr(R"("hindrances":[])"),
                                       HasSubstr("a new request would start at once")));
  const Process holder = daemon_.StartZlease({"--", "sleep", "60"});
  ASSERT_TRUE(daemon_.WaitForSlots(1, 0));
  const Process waiter = daemon_.StartZlease({"--session", "mine", "--", "true"});
  ASSERT_TRUE(daemon_.WaitForSlots(1, 1));
  const auto ask = [&](absl::string_view what) {
    client.Send(absl::StrCat(R"({"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":)",
                             R"("explain","arguments":{"what":")", what, "\"}}}\n"));
    return client.ReadLine();
  };
  EXPECT_THAT(ask("mine"), AllOf(HasSubstr("session mine, has waited"),
                                 HasSubstr(R"("what":"slots")"), HasSubstr("\"isError\":false")));
  EXPECT_THAT(ask("nobody"), AllOf(HasSubstr("\"isError\":true"), HasSubstr("Nothing of yours")));
}

TEST_P(ZctlMcpTest, GoesOnWithTheNextDaemon) {
  daemon_.Start();
  McpClient client = Start(daemon_.Environment());
  client.Send(McpCall("1", "budget"));
  client.ReadLine();
  daemon_.Stop(SIGKILL);
  client.Send(McpCall("2", "budget"));
  EXPECT_THAT(client.ReadLine(), HasSubstr("\"isError\":false"));
}

TEST_P(ZctlMcpTest, WithoutADaemonTheResultSaysTheWayOut) {
  // A directory that can't be made, so none can be started.
  McpClient client = Start(
      {{"ZBROKER_STATE_DIR", "/dev/null/none"}, {"ZBROKER_SOCKET", "/dev/null/none/broker.sock"}});
  client.Send(McpCall("1", "budget"));
  EXPECT_THAT(client.ReadLine(), AllOf(HasSubstr("\"isError\":true"), HasSubstr("zctl doctor")));
  client.Send(kMcpPing);
  EXPECT_EQ(client.ReadLine(), kMcpPong);
}

TEST_P(ZctlMcpTest, EndsWithItsInputAndAnswersWhatCameBefore) {
  McpClient client = Start({});
  client.Send("\xff\n{\n");
  client.Send(std::string(3 << 20, ' ') + "\n");
  // Without the line's end.
  client.Send(R"({"jsonrpc":"2.0","id":"p","method":"ping"})");
  client.CloseInput();
  EXPECT_THAT(client.ReadAll(), ::testing::EndsWith(kMcpPong));
  EXPECT_EQ(client.Wait(), 0);
}

TEST_P(ZctlMcpTest, EndsWhenNobodyReadsIt) {
  McpClient client = Start({});
  client.CloseOutput();
  client.Send(kMcpPing);
  EXPECT_EQ(client.Wait(), 0);
}

TEST_P(ZctlMcpTest, AWaitGoesOnWithTheNextDaemon) {
  daemon_.Start();
  McpClient client = Start(daemon_.Environment());
  const Process holder = daemon_.StartZlease({"--", "sleep", "60"});
  ASSERT_TRUE(daemon_.WaitForSlots(1, 0));
  client.Send(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"wait_until",)"
              R"("arguments":{"condition":"idle","seconds":60},"_meta":{"progressToken":1}}})"
              "\n");
  EXPECT_THAT(client.ReadLine(), HasSubstr("waiting for idle: 1 of 1 slots taken"));
  daemon_.Stop(SIGKILL);
  daemon_.Start();
  holder.Signal(SIGTERM);
  std::string line;
  while (absl::StrContains(line = client.ReadLine(), "notifications/progress")) {
  }
  EXPECT_THAT(line, HasSubstr("\"reached\":true"));
}

// Takes its time, so once is enough.
class ZctlMcpHangTest : public ZctlMcpTest {};
INSTANTIATE_TEST_SUITE_P(Pipes, ZctlMcpHangTest, ::testing::Values(false));

// Each call of it would be waited for in turn.
TEST_P(ZctlMcpHangTest, ManyWaitsOnADaemonThatHangsKeepNobodyFromBeingAnswered) {
  daemon_.Start();
  McpClient client = Start(daemon_.Environment());
  const Process holder = daemon_.StartZlease({"--", "sleep", "60"});
  ASSERT_TRUE(daemon_.WaitForSlots(1, 0));
  for (int i = 0; i < 16; ++i) {
    client.Send(absl::StrCat(R"({"jsonrpc":"2.0","id":)", i,
                             R"(,"method":"tools/call","params":{"name":"wait_until",)",
                             R"("arguments":{"condition":"idle","seconds":600})",
                             i == 0 ? R"(,"_meta":{"progressToken":1})" : "", "}}\n"));
  }
  EXPECT_THAT(client.ReadLine(), HasSubstr("1 of 1 slots taken"));
  client.Send(kMcpPing);
  EXPECT_EQ(client.ReadLine(), kMcpPong);
  const pid_t daemon = daemon_.RunningPid();
  ASSERT_EQ(kill(daemon, SIGSTOP), 0);
  std::string line;
  while (absl::StrContains(line = client.ReadLine(), "slots taken")) {
  }
  EXPECT_THAT(line, HasSubstr("the daemon is away"));
  client.Send(kMcpPing);
  while (absl::StrContains(line = client.ReadLine(), "notifications/progress")) {
  }
  EXPECT_EQ(line, kMcpPong);
  kill(daemon, SIGCONT);
}

class ZctlHookTest : public ::testing::Test {
 protected:
  static constexpr char kTask[] =
      R"({"session_id":"s","hook_event_name":"PreToolUse","tool_name":"Task","tool_input":{}})";

  std::string Tell(const std::string& input, std::vector<std::string> options = {},
                   int status = 0) const {
    std::vector<std::string> command = {Program("zctl"), "hook", "claude"};
    command.insert(command.end(), options.begin(), options.end());
    McpClient hook(command, daemon_.Environment(), /*sockets=*/false);
    hook.Send(input);
    hook.CloseInput();
    std::string output = hook.ReadAll();
    EXPECT_EQ(WEXITSTATUS(hook.Wait()), status);
    return output;
  }

  DaemonProcess daemon_{"[account.default.slots]\nlimit = 1\n"};
};

TEST_F(ZctlHookTest, RefusesSubAgentsAndNothingElseWhileTheAccountIsBlocked) {
  daemon_.Start();
  EXPECT_EQ(Tell(kTask), "");
  ASSERT_EQ(daemon_.Zctl({"pause"}).exit_status, 0);
  EXPECT_THAT(Tell(kTask), AllOf(HasSubstr(R"("permissionDecision":"deny")"), HasSubstr("paused")));
  EXPECT_EQ(Tell(R"({"hook_event_name":"PreToolUse","tool_name":"Bash"})"), "");
}

TEST_F(ZctlHookTest, ADaemonThatHangsHoldsNoSubAgentUp) {
  daemon_.Start();
  ASSERT_EQ(daemon_.Zctl({"pause"}).exit_status, 0);
  const pid_t daemon = daemon_.RunningPid();
  ASSERT_EQ(kill(daemon, SIGSTOP), 0);
  const absl::Time begin = absl::Now();
  EXPECT_EQ(Tell(kTask), "") << "what it can't know it does not refuse";
  EXPECT_LT(absl::Now() - begin, absl::Seconds(5)) << "250 ms are its patience";
  kill(daemon, SIGCONT);
}

TEST_F(ZctlHookTest, WithoutADaemonItIsSilentAndStartsNone) {
  EXPECT_EQ(Tell(kTask), "");
  EXPECT_NE(access(daemon_.socket().c_str(), F_OK), 0);
}

TEST_F(ZctlHookTest, InputThatIsNoneIsPassedOver) {
  daemon_.Start();
  ASSERT_EQ(daemon_.Zctl({"pause"}).exit_status, 0);
  for (const std::string& input : {std::string(), std::string("{"), std::string("\xff\n"),
                                   std::string(9 << 20, ' ') + kTask}) {
    EXPECT_EQ(Tell(input), "");
  }
}

// Claude Code takes 2 for a refusal.
TEST_F(ZctlHookTest, AnInputWithoutAnEndHoldsItUpNoLonger) {
  const std::string drip =
      absl::StrCat("while :; do echo; done | ", Program("zctl"), " hook claude");
  McpClient hook({"sh", "-c", drip}, daemon_.Environment(), /*sockets=*/false);
  EXPECT_EQ(hook.ReadAll(), "");
  EXPECT_EQ(hook.Wait(), 0);
}

TEST_F(ZctlHookTest, AWrongCommandLineIsNoRefusal) {
  Tell("", {"--no-such"}, 1);
  Tell("", {"--max-wait", "soon"}, 1);
}

}  // namespace
}  // namespace zbroker::testing
