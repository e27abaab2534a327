// What passes, what waits, and what the ledger says of it.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <set>

#include "absl/strings/match.h"
#include "client/base/bounds.h"
#include "client/base/container.h"
#include "client/base/process.h"
#include "tests/integration/mcp/harness.h"
#include "tests/testing/gateway_process.h"
#include "tests/testing/upstream_process.h"

namespace zbroker::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class McpRelayTest : public McpTest {};

TEST_F(McpRelayTest, CallHasALeaseOfItsOwnThatEndsWithItsAnswer) {
  const auto client = StartFake({"--session", "s1"});
  ASSERT_TRUE(client->Send(McpCall("1", "echo")));
  EXPECT_EQ(client->ReadLine(), McpText("1", "echo"));
  const v1::LedgerRow row = OnlyRow();
  EXPECT_EQ(row.kind(), v1::KIND_MCP);
  EXPECT_EQ(row.model(), "echo");
  EXPECT_EQ(row.session(), "s1");
  EXPECT_EQ(row.program(), "fake_mcp_server");
  EXPECT_EQ(row.via(), "zlease mcp");
  EXPECT_EQ(row.outcome(), v1::OUTCOME_OK);
  const auto ledger = daemon_.Zctl({"ledger", "--json"});
  EXPECT_THAT(ledger.out, HasSubstr("\"echo\""));
  EXPECT_THAT(ledger.out, HasSubstr("\"fake_mcp_server\""));
}

TEST_F(McpRelayTest, SessionIsWhoeverHasStartedItUnlessSaid) {
  const auto client = StartFake();
  client->Send(McpCall("1", "echo"));
  client->ReadLine();
  const auto self = ReadProcessStat(getpid());
  ASSERT_TRUE(self.has_value());
  EXPECT_EQ(OnlyRow().session(), SessionOfProcess(self->name, getpid()));
}

TEST_F(McpRelayTest, AllBytesPassBothWaysAsTheyAre) {
  std::mt19937 random(11);
  constexpr char kBegin[] = "\xEF\xBB\xBF{}\n\0\n\r\n\xFF\xFE\n{\"id\":";
  std::string bytes(kBegin, sizeof kBegin - 1);
  for (int i = 0; i < 3'000'000; ++i) bytes += static_cast<char>(random() % 256);
  bytes += "\n[{\"id\":1,\"method\":\"ping\"},5]\r\nhalf a line";
  for (const bool sockets : {false, true}) {
    const auto client = Start({"--", "cat"}, {}, sockets);
    std::string came;
    for (absl::string_view rest = bytes; !rest.empty();) {
      const size_t size = std::min<size_t>(rest.size(), 30'000);
      ASSERT_TRUE(client->Send(rest.substr(0, size)));
      rest.remove_prefix(size);
      while (came.size() + 200'000 < bytes.size() - rest.size()) came += client->ReadLine();
    }
    client->CloseInput();
    came += client->ReadAll();
    EXPECT_TRUE(came == bytes) << came.size() << " of " << bytes.size();
    EXPECT_EQ(client->Wait(), 0);
  }
  EXPECT_THAT(daemon_.Rows(), IsEmpty());
}

TEST_F(McpRelayTest, LineBeyondTheBoundPassesUnread) {
  const auto client = Start({"--", "cat"});
  std::string line = R"({"id":1,"method":"tools/call","params":{"name":"x","a":")";
  line.append(kMcpLineBytesMax, 'y');
  line += "\"}}\n";
  absl::string_view rest = line;
  // Nobody has to read what comes back until it is known to be too long.
  while (line.size() - rest.size() <= kMcpLineBytesMax) {
    ASSERT_TRUE(client->AwaitRoom());
    rest.remove_prefix(client->SendSome(rest));
  }
  ASSERT_TRUE(client->Send(rest));
  client->CloseInput();
  const std::string all = client->ReadAll();
  EXPECT_EQ(all.size(), line.size());
  EXPECT_TRUE(all == line);
  EXPECT_THAT(daemon_.Rows(), IsEmpty());
}

TEST_F(McpRelayTest, ToolsThatAreNotNamedTakeNoLease) {
  daemon_.SetConfig("[account.default.mcp]\ntools = [\"web_*\", \"echo\"]\n");
  ASSERT_EQ(daemon_.Zctl({"reload"}).exit_status, 0);
  const auto client = StartFake();
  client->Send(McpCall("1", "twice") + McpCall("2", "echo"));
  std::set<std::string> lines = {client->ReadLine(), client->ReadLine(), client->ReadLine()};
  EXPECT_TRUE(lines.contains(McpText("2", "echo")));
  EXPECT_EQ(OnlyRow().model(), "echo");
}

TEST_F(McpRelayTest, ServerStartsAndAnswersWithoutABroker) {
  const std::string file = daemon_.dir().File("notes.txt");
  WriteFile(file, "no socket");
  const auto client = Start({"--", Program("fake_mcp_server")}, {{"ZBROKER_SOCKET", file}});
  client->Send(kMcpPing);
  EXPECT_EQ(client->ReadLine(), kMcpPong);
  client->Send(McpCall("1", "echo"));
  const std::string refusal = client->ReadLine();
  EXPECT_THAT(refusal, HasSubstr("\"id\":1,\"result\""));
  EXPECT_THAT(refusal, HasSubstr("notes.txt is no socket"));
  EXPECT_THAT(refusal, HasSubstr("\"isError\":true"));
}

TEST_F(McpRelayTest, CallPassesWithoutALeaseWhereThatIsAskedFor) {
  ASSERT_EQ(kill(daemon_.RunningPid(), SIGSTOP), 0);
  const auto client = Start(
      {"--broker-timeout", "100ms", "--if-unavailable", "run", "--", Program("fake_mcp_server")});
  client->Send(McpCall("1", "echo"));
  EXPECT_EQ(client->ReadLine(), McpText("1", "echo"));
  EXPECT_THAT(client->Err(), HasSubstr("WITHOUT A LEASE"));
}

TEST_F(McpRelayTest, TwentyCallsAtOnceAreServedTwoAtATime) {
  const auto client = StartFake({"--tool", "sleep_*"});
  std::string calls;
  for (int i = 0; i < 20; ++i) calls += McpCall(absl::StrCat("\"c", i, "\""), "sleep_20");
  ASSERT_TRUE(client->Send(calls));
  std::set<std::string> lines;
  for (int i = 0; i < 20; ++i) lines.insert(client->ReadLine());
  EXPECT_EQ(lines.size(), 20u);
  client->Send(McpCall("1", "stats"));
  EXPECT_EQ(client->ReadLine(), McpText("1", "max 2 calls 20"));
  EXPECT_TRUE(NothingIsHeld());
  EXPECT_EQ(daemon_.Rows().size(), 20u);
}

class SlotlessMcpRelayTest : public McpTest {
 protected:
  SlotlessMcpRelayTest() : McpTest("") {}
};

TEST_F(SlotlessMcpRelayTest, CallsNeedNoSlotUnlessTheAccountSaysSo) {
  const auto client = StartFake({"--tool", "never", "--tool", "echo"});
  std::string calls;
  for (int i = 0; i < 20; ++i) calls += McpCall(absl::StrCat("\"c", i, "\""), "never");
  ASSERT_TRUE(client->Send(calls + McpCall("1", "echo")));
  EXPECT_EQ(client->ReadLine(), McpText("1", "echo")) << "on two slots, beside twenty";
  EXPECT_TRUE(daemon_.WaitForSlots(0, 0));
  EXPECT_TRUE(WaitUntil([&] { return daemon_.Status().accounts(0).leases_size() == 20; }));
  // A request of a model finds all slots free beside them.
  EXPECT_EQ(daemon_.Zlease({"--no-wait", "--", "true"}).exit_status, 0);
  client->Signal(SIGKILL);
  client->Wait();
  EXPECT_TRUE(WaitUntil([&] { return daemon_.Zctl({"leases"}).out == "no leases\n"; }));
}

TEST_F(SlotlessMcpRelayTest, CallsWaitForAWindowAndAreToldUntilWhen) {
  daemon_.SetConfig(
      "[[account.default.window]]\nname = \"m\"\nunit = \"mcp_calls\"\nlength = \"1h\"\n"
      "limit = 1\n");
  ASSERT_EQ(daemon_.Zctl({"reload"}).exit_status, 0);
  const auto client = StartFake({"--timeout", "200ms"});
  client->Send(McpCall("1", "echo"));
  EXPECT_EQ(client->ReadLine(), McpText("1", "echo"));
  client->Send(McpCall("2", "echo"));
  const std::string refusal = client->ReadLine();
  EXPECT_THAT(refusal, HasSubstr("\"isError\":true"));
  EXPECT_THAT(refusal, HasSubstr("window m"));
}

TEST_F(McpRelayTest, WhatIsNoCallOvertakesCallsThatWait) {
  const auto client = StartFake();
  client->Send(McpCall("1", "never") + McpCall("2", "never"));
  ASSERT_TRUE(daemon_.WaitForSlots(2, 0));
  client->Send(McpCall("3", "echo") + kMcpPing);
  EXPECT_EQ(client->ReadLine(), kMcpPong);
  EXPECT_TRUE(daemon_.WaitForSlots(2, 1));
}

TEST_F(McpRelayTest, WaitIsToldAsProgress) {
  const auto client = StartFake();
  client->Send(McpCall("1", "never") + McpCall("2", "never"));
  ASSERT_TRUE(daemon_.WaitForSlots(2, 0));
  client->Send(McpCall("3", "echo", R"("_meta":{"progressToken":"tok"})"));
  const std::string progress = client->ReadLine();
  EXPECT_THAT(progress, HasSubstr("\"notifications/progress\""));
  EXPECT_THAT(progress, HasSubstr("\"progressToken\":\"tok\",\"progress\":-1,"));
  EXPECT_THAT(progress, HasSubstr("waiting for a slot"));
}

TEST_F(McpRelayTest, CancelledCallLeavesTheQueueAndTheServerNeverHearsOfIt) {
  const auto client = StartFake({"--tool", "never", "--tool", "echo"});
  client->Send(McpCall("1", "never") + McpCall("2", "never"));
  ASSERT_TRUE(daemon_.WaitForSlots(2, 0));
  client->Send(McpCall("3", "echo"));
  ASSERT_TRUE(daemon_.WaitForSlots(2, 1));
  client->Send(McpCancel("3"));
  ASSERT_TRUE(daemon_.WaitForSlots(2, 0));
  client->Send(McpCancel("1"));
  ASSERT_TRUE(daemon_.WaitForSlots(1, 0)) << "the lease of one under way ends, too";
  client->Send(McpCall("4", "stats"));
  EXPECT_EQ(client->ReadLine(), McpText("4", "max 1 calls 2"));
}

TEST_F(McpRelayTest, CallIsRefusedInTimeWithAResultThatSaysWhy) {
  const auto holder = StartFake();
  const auto client = StartFake({"--timeout", "200ms"});
  // A first call may be spent on the way to the broker.
  do client->Send(McpCall("0", "echo"));
  while (absl::StrContains(client->ReadLine(), "\"isError\":true"));
  holder->Send(McpCall("1", "never") + McpCall("2", "never"));
  ASSERT_TRUE(daemon_.WaitForSlots(2, 0));
  client->Send(McpCall("\"x\"", "echo"));
  const std::string refusal = client->ReadLine();
  EXPECT_THAT(refusal, StartsWith(R"({"jsonrpc":"2.0","id":"x","result":{"content":[{)"));
  EXPECT_THAT(refusal, HasSubstr("it waited for 200ms, waiting for a slot"));
  EXPECT_THAT(refusal, HasSubstr("\"isError\":true"));
  EXPECT_TRUE(daemon_.WaitForSlots(2, 0));
}

TEST_F(McpRelayTest, UpstreamsErrorsInResultsAreReported) {
  const auto client = StartFake();
  client->Send(McpCall("1", "throttle"));
  EXPECT_THAT(client->ReadLine(), HasSubstr("MCP error -429")) << "it passes as it is";
  const v1::LedgerRow row = OnlyRow();
  EXPECT_EQ(row.outcome(), v1::OUTCOME_THROTTLE);
  EXPECT_EQ(row.upstream_code(), "1302");
}

TEST_F(McpRelayTest, AfterAWallCallsAreToldUntilWhenAtOnce) {
  const auto client = StartFake();
  client->Send(McpCall("1", "wall"));
  client->ReadLine();
  EXPECT_EQ(OnlyRow().outcome(), v1::OUTCOME_WALL);
  client->Send(McpCall("2", "echo"));
  const std::string refusal = client->ReadLine();
  EXPECT_THAT(refusal, HasSubstr("\"isError\":true"));
  EXPECT_THAT(refusal, HasSubstr("Don't call again before "));
}

TEST_F(McpRelayTest, ExitStatusAndSignalAreTheServers) {
  const auto client = StartFake();
  client->Send(McpCall("1", "exit_7"));
  EXPECT_THAT(client->ReadAll(), IsEmpty());
  EXPECT_EQ(WEXITSTATUS(client->Wait()), 7);
  EXPECT_EQ(OnlyRow().outcome(), v1::OUTCOME_CANCELLED);
  const auto other = Start({"--", "sh", "-c", "kill -KILL $$"});
  EXPECT_EQ(WTERMSIG(other->Wait()), SIGKILL);
  EXPECT_EQ(WEXITSTATUS(Start({"--", "no-such-server"})->Wait()), 127);
  EXPECT_EQ(WEXITSTATUS(Start({"--", daemon_.dir().path()})->Wait()), 126);
}

TEST_F(McpRelayTest, SignalsGoOnToTheServer) {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    const auto client = StartFake();
    client->Send(kMcpPing);
    client->ReadLine();
    client->Signal(signal);
    EXPECT_EQ(WTERMSIG(client->Wait()), signal);
  }
}

TEST_F(McpRelayTest, LastWordsOfAServerArrive) {
  const auto client = Start({"--", "sh", "-c", "echo one; printf two; exit 3"});
  EXPECT_EQ(client->ReadAll(), "one\ntwo");
  EXPECT_EQ(WEXITSTATUS(client->Wait()), 3);
}

TEST_F(McpRelayTest, EndOfInputIsPassedOnWhenWaitingCallsAreServed) {
  const auto client = StartFake({"--tool", "sleep_*"});
  client->Send(McpCall("1", "sleep_50") + McpCall("2", "sleep_50") + McpCall("3", "sleep_50"));
  client->CloseInput();
  const std::string all = client->ReadAll();
  for (const char* const id : {"1", "2", "3"}) EXPECT_THAT(all, HasSubstr(McpText(id, "slept")));
  EXPECT_EQ(client->Wait(), 0);
  EXPECT_TRUE(NothingIsHeld());
}

TEST_F(McpRelayTest, InputThatTheServerClosesIsClosedToTheClient) {
  const auto client = Start({"--", "sh", "-c", "exec <&-; echo deaf; exec sleep 30"});
  EXPECT_EQ(client->ReadLine(), "deaf\n");
  EXPECT_TRUE(WaitUntil([&] { return !client->Send(kMcpPing); }));
  client->Signal(SIGTERM);
  EXPECT_EQ(WTERMSIG(client->Wait()), SIGTERM);
}

TEST_F(McpRelayTest, OutputThatTheServerClosesIsClosedToTheClient) {
  const auto client = Start({"--", "sh", "-c", "exec >&-; exec cat >/dev/null"});
  EXPECT_THAT(client->ReadAll(), IsEmpty());
  client->CloseInput();
  EXPECT_EQ(client->Wait(), 0);
}

TEST_F(McpRelayTest, ClientThatReadsNothingStopsTheServerAndNotItself) {
  const auto client = StartFake({"--tool", "none"});
  client->Send(kMcpPing);
  ASSERT_EQ(client->ReadLine(), kMcpPong);
  const size_t before = ResidentBytes(client->pid());
  std::string calls;
  for (int i = 0; i < 400; ++i) calls += McpCall(absl::StrCat(i), "large_64");
  ASSERT_TRUE(client->Send(calls)) << "25 MiB of answers that nobody takes";
  const pid_t server = ChildOf(client->pid());
  EXPECT_TRUE(WaitUntil([&] { return ReadProcessStat(server)->state == 'S'; }));
  EXPECT_LT(ResidentBytes(client->pid()), before + (size_t{12} << 20));
  for (int i = 0; i < 400; ++i) ASSERT_GT(client->ReadLine().size(), size_t{64} << 10);
  client->CloseInput();
  EXPECT_EQ(client->Wait(), 0);
}

TEST_F(McpRelayTest, ServerThatReadsNothingStopsTheClient) {
  const auto client = Start({"--", "sleep", "60"});
  const std::string lines = std::string(60'000, 'x') + "\n";
  size_t sent = 0;
  while (sent < (size_t{64} << 20) && client->AwaitRoom(absl::Seconds(1))) {
    sent += client->SendSome(lines);
  }
  EXPECT_LT(sent, size_t{4} << 20);
  client->Signal(SIGTERM);
  EXPECT_EQ(WTERMSIG(client->Wait()), SIGTERM);
}

TEST_F(McpRelayTest, FilesWillDoForBothSides) {
  const std::string in = daemon_.dir().File("in");
  const std::string out = daemon_.dir().File("out");
  WriteFile(in, McpCall("1", "echo"));
  WriteFile(out, "before\n");
  const auto end = RunProgram({"sh", "-c",
                               absl::StrCat(Program("zlease"), " mcp -- ",
                                            Program("fake_mcp_server"), " <", in, " >>", out)},
                              daemon_.Environment());
  EXPECT_EQ(end.exit_status, 0) << end.err;
  EXPECT_EQ(ReadFile(out), "before\n" + McpText("1", "echo"));
}

TEST_F(McpRelayTest, OptionsBeforeTheWordAreRefused) {
  const auto end = daemon_.Zlease({"--quiet", "mcp", "--", "cat"});
  EXPECT_EQ(end.exit_status, 125);
  EXPECT_THAT(end.err, HasSubstr("zlease mcp [OPTIONS] -- CMD"));
}

TEST_F(McpRelayTest, ModelServerBesideAGatewayIsPointedThereAndTakesNoLeaseOfItsOwn) {
  const UpstreamProcess upstream({});
  std::string origin = upstream.WorkUrl();
  origin.resize(origin.rfind("/work"));
  const GatewayProcess gateway(daemon_, origin + "/api/anthropic");
  // Called like the package's program.
  const std::string server = daemon_.dir().File("zai-mcp-server");
  ASSERT_EQ(symlink(Program("fake_mcp_server").c_str(), server.c_str()), 0);
  const auto client = Start(
      {"--", server},
      {{"Z_AI_BASE_URL", origin + "/api/paas/v4/"}, {"Z_AI_MODE", ""}, {"PLATFORM_MODE", ""}});
  client->Send(McpCall("1", "environment_Z_AI_BASE_URL"));
  EXPECT_THAT(client->ReadLine(), HasSubstr(absl::StrCat("http://127.0.0.1:", gateway.port(),
                                                         gateway.path(), "/api/paas/v4/")));
  EXPECT_THAT(daemon_.Rows(), IsEmpty());
}

}  // namespace
}  // namespace zbroker::testing
