// The port of an agent's gateway, which is nobody else's while the agent runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "client/base/fd.h"
#include "tests/integration/agent.h"

namespace zbroker::testing {
namespace {

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

}  // namespace
}  // namespace zbroker::testing
