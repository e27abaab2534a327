// Each of the processes killed, with calls under way and waiting.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/base/process.h"
#include "tests/integration/mcp/harness.h"

namespace zbroker::testing {
namespace {

class McpKillTest : public McpTest {
 protected:
  // Twenty calls on two slots.
  std::unique_ptr<McpClient> StartLoaded(const std::string& tool,
                                         std::vector<std::string> flags = {}) {
    flags.insert(flags.begin(), {"--", Program("fake_mcp_server")});
    auto client = Start(flags);
    std::string calls;
    for (int i = 0; i < 20; ++i) calls += McpCall(absl::StrCat(i), tool);
    EXPECT_TRUE(client->Send(calls));
    EXPECT_TRUE(daemon_.WaitForSlots(2, 18));
    server_ = ChildOf(client->pid());
    return client;
  }
  bool ServerEnds() const {
    return WaitUntil([&] { return !IsAlive(server_); });
  }

  pid_t server_ = -1;
};

TEST_F(McpKillTest, KilledServerLeavesNoLeaseAndEndsTheRelay) {
  const auto client = StartLoaded("never");
  ASSERT_EQ(kill(server_, SIGKILL), 0);
  EXPECT_TRUE(client->ReadAll().empty());
  EXPECT_EQ(WTERMSIG(client->Wait()), SIGKILL);
  EXPECT_TRUE(NothingIsHeld());
  EXPECT_EQ(daemon_.Rows().size(), 2u) << "those that waited were never granted";
}

TEST_F(McpKillTest, KilledRelayLeavesNoLeaseAndNoServer) {
  const auto client = StartLoaded("never");
  client->Signal(SIGKILL);
  client->Wait();
  EXPECT_TRUE(ServerEnds());
  EXPECT_TRUE(daemon_.WaitForSlots(0, 18)) << "slots don't wait as the places of those that waited";
  EXPECT_TRUE(NothingIsHeld());
  for (const v1::LedgerRow& row : daemon_.Rows()) EXPECT_EQ(row.outcome(), v1::OUTCOME_LOST);
}

TEST_F(McpKillTest, ClientThatIsGoneLeavesNoLeaseAndNoServer) {
  const auto client = StartLoaded("never");
  client->CloseInput();
  client->CloseOutput();
  client->Wait();
  EXPECT_TRUE(ServerEnds());
  EXPECT_TRUE(NothingIsHeld());
}

TEST_F(McpKillTest, ServerThatOutlivesItsClientIsEndedByForce) {
  const auto client = StartLoaded("never", {"--stubborn"});
  client->CloseInput();
  client->CloseOutput();
  EXPECT_EQ(WTERMSIG(client->Wait()), SIGKILL);
  EXPECT_TRUE(ServerEnds());
  EXPECT_TRUE(NothingIsHeld());
}

TEST_F(McpKillTest, KilledDaemonLosesNoCall) {
  const auto client = StartLoaded("sleep_30");
  daemon_.Stop(SIGKILL);
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(client->ReadLine(), ::testing::HasSubstr("\"slept\"")) << i;
  }
  client->CloseInput();
  EXPECT_EQ(client->Wait(), 0);
  EXPECT_TRUE(NothingIsHeld());
}

TEST_F(McpKillTest, TermWithCallsUnderWayLeavesNothing) {
  const auto client = StartLoaded("never");
  client->Signal(SIGTERM);
  EXPECT_EQ(WTERMSIG(client->Wait()), SIGTERM);
  EXPECT_TRUE(ServerEnds());
  EXPECT_TRUE(NothingIsHeld());
}

}  // namespace
}  // namespace zbroker::testing
