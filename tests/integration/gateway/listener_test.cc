// Sockets that whoever starts a gateway hands over to it, and keeps.
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/base/fd.h"
#include "tests/integration/gateway/harness.h"

namespace zbroker::testing {
namespace {

using ::testing::HasSubstr;

// Bound, and inherited by what the test starts.
Fd Bind(in_addr_t address) {
  Fd fd(socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(address);
  EXPECT_EQ(bind(fd.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where), 0);
  return fd;
}

Fd Listen(in_addr_t address = INADDR_LOOPBACK) {
  Fd fd = Bind(address);
  EXPECT_EQ(listen(fd.get(), 100), 0);
  return fd;
}

uint16_t PortOf(const Fd& fd) {
  sockaddr_in where{};
  socklen_t size = sizeof where;
  EXPECT_EQ(getsockname(fd.get(), reinterpret_cast<sockaddr*>(&where), &size), 0);
  return ntohs(where.sin_port);
}

class ListenerTest : public GatewayTest {
 protected:
  ListenerTest() { daemon_.Start(); }

  // As systemd starts what a socket unit belongs to.
  Process StartActivated(const Fd& listener, const std::string& flags = "") const {
    const std::string script =
        absl::StrCat("exec 3<&", listener.get(), "; LISTEN_FDS=1 LISTEN_PID=$$ exec ",
                     Program("zlease"), " gateway --upstream ", upstream_.url(), " ", flags);
    return Process::Start({"bash", "-c", script}, daemon_.Environment());
  }
  std::string PathOf(const Process& gateway) const {
    EXPECT_TRUE(WaitUntil([&] { return absl::StrContains(gateway.Out(), "\n"); })) << gateway.Err();
    const std::string line = gateway.Out();
    const size_t slash = line.rfind('/');
    return line.substr(slash, line.size() - slash - 1);
  }
  std::string Refusal(const std::vector<std::string>& flags) const {
    std::vector<std::string> command = {Program("zlease-gateway"), "--upstream", upstream_.url()};
    command.insert(command.end(), flags.begin(), flags.end());
    const auto end = RunProgram(command, daemon_.Environment());
    EXPECT_EQ(end.exit_status, 125);
    return end.err;
  }
  static std::string Request(const std::string& path) {
    return absl::StrCat("POST ", path, "/v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\n",
                        "Content-Length: ", sizeof kPrompt - 1, "\r\n\r\n", kPrompt);
  }

  RawUpstream upstream_{[](const RawUpstream::Request&, const RawUpstream::Peer& peer) {
    return peer.Send(Answer(200, kMessage));
  }};
};

TEST_F(ListenerTest, OfASocketUnitIsServedByOneGatewayAfterTheOther) {
  const Fd listener = Listen();
  Process first = StartActivated(listener);
  const std::string path = PathOf(first);
  HttpConnection before(PortOf(listener));
  before.Send(Request(path));
  EXPECT_EQ(before.Read().status, 200);
  first.Signal(SIGKILL);
  first.Wait();
  // What connects between the two waits.
  HttpConnection between(PortOf(listener));
  between.Send(Request(path));
  Process second = StartActivated(listener);
  EXPECT_EQ(between.Read().status, 200);
  EXPECT_EQ(PathOf(second), path);
  EXPECT_THAT(second.Out(), HasSubstr(absl::StrCat("http://127.0.0.1:", PortOf(listener), "/")));
}

TEST_F(ListenerTest, OfASocketUnitAndAnAddressOfTheArgumentsContradictEachOther) {
  const Fd listener = Listen();
  Process gateway = StartActivated(listener, "--listen 127.0.0.1:0");
  const auto end = gateway.Wait();
  EXPECT_EQ(end.exit_status, 125);
  EXPECT_THAT(end.err, HasSubstr("change ListenStream there"));
}

TEST_F(ListenerTest, ThatIsNoneIsRefused) {
  const Fd bound = Bind(INADDR_LOOPBACK);
  EXPECT_THAT(Refusal({"--listen-fd", absl::StrCat(bound.get())}),
              HasSubstr("not a socket of TCP that listens"));
  EXPECT_THAT(Refusal({"--listen-fd", "999"}), HasSubstr("Bad file descriptor"));
}

TEST_F(ListenerTest, ThatOthersCanReachIsRefused) {
  const Fd open = Listen(INADDR_ANY);
  EXPECT_THAT(Refusal({"--listen-fd", absl::StrCat(open.get())}),
              HasSubstr("0.0.0.0 is not an address of loopback"));
}

}  // namespace
}  // namespace zbroker::testing
