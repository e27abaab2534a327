#include "shims/gateway/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <deque>
#include <string>

#include "tests/unit/gateway/relay.h"

namespace zbroker::gateway {
namespace {

using testing::HttpConnection;
using testing::RawUpstream;

constexpr char kServed[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

// Keeps its connections, so that none ends just as it is used again.
RawUpstream::Serve Answering() {
  return
      [](const RawUpstream::Request&, const RawUpstream::Peer& peer) { return peer.Send(kServed); };
}

class ServerTest : public RelayTest {
 protected:
  // As if the process might have so few descriptors. For those that it opens it may have more.
  void StartWithFewDescriptors() {
    rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    const rlimit few{kFew, limit.rlim_max};
    setrlimit(RLIMIT_NOFILE, &few);
    Start(Answering());
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  static constexpr rlim_t kFew = 200;
  static constexpr int kMoreThanFit = 300;
};

TEST_F(ServerTest, ConnectionThatShowsNoTokenIsClosedSoon) {
  options_.unproven_time = std::chrono::milliseconds(50);
  Start(Answering());
  HttpConnection idle = Connect();
  EXPECT_TRUE(idle.ReadEnd());
  HttpConnection slow = Connect();
  ASSERT_TRUE(slow.Send("POST /"));
  EXPECT_TRUE(slow.ReadEnd());
}

TEST_F(ServerTest, ConnectionThatHasShownTheTokenStays) {
  options_.unproven_time = std::chrono::milliseconds(100);
  Start(Answering());
  HttpConnection proven = Connect();
  ASSERT_TRUE(proven.Send(Post("{}")));
  EXPECT_EQ(proven.Read().status, 200);
  HttpConnection idle = Connect();
  EXPECT_TRUE(idle.ReadEnd());  // so the time is over for the first, too
  ASSERT_TRUE(proven.Send(Post("{}")));
  EXPECT_EQ(proven.Read().status, 200);
}

TEST_F(ServerTest, IdleCrowdKeepsNobodyOut) {
  StartWithFewDescriptors();
  std::deque<HttpConnection> crowd;
  for (int i = 0; i < kMoreThanFit; ++i) crowd.push_back(Connect());
  EXPECT_EQ(Ask(Post("{}")).status, 200);
  EXPECT_TRUE(crowd.front().ReadEnd());
}

TEST_F(ServerTest, CrowdOfIdleClientsWithTheTokenMakesRoomToo) {
  StartWithFewDescriptors();
  std::deque<HttpConnection> crowd;
  for (int i = 0; i < kMoreThanFit; ++i) {
    crowd.push_back(Connect());
    ASSERT_TRUE(crowd.back().Send(Post("{}")));
    ASSERT_EQ(crowd.back().Read().status, 200) << i;
  }
  EXPECT_TRUE(crowd.front().ReadEnd());
}

}  // namespace
}  // namespace zbroker::gateway
