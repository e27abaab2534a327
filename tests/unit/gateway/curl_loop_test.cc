#include "shims/gateway/curl_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <string>

#include "shims/gateway/transfer.h"
#include "tests/testing/raw_upstream.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/gateway/loop.h"

namespace zbroker::gateway {
namespace {

using ::testing::HasSubstr;
using testing::RawUpstream;

constexpr char kAnswer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

class CurlLoopTest : public ::testing::Test {
 protected:
  std::unique_ptr<Transfer> Start(const RawUpstream& upstream,
                                  absl::Duration idle_max = absl::Seconds(10)) {
    request_ = {.method = "GET", .url = upstream.url(), .idle_connection_max = idle_max};
    return std::make_unique<Transfer>(curl_, changed_, request_);
  }
  // The body of an answer.
  std::string Ask(const RawUpstream& upstream, absl::Duration idle_max = absl::Seconds(10)) {
    const auto transfer = Start(upstream, idle_max);
    EXPECT_TRUE(RunUntil(io_, [&] { return transfer->done(); }));
    EXPECT_OK(transfer->result());
    return transfer->TakeBody();
  }

  asio::io_context io_{1};
  CurlLoop curl_{io_};
  Wakeup changed_{io_};
  UpstreamRequest request_;
};

RawUpstream::Serve Keeping(const std::string& answer) {
  return [answer](const RawUpstream::Request&, const RawUpstream::Peer& peer) {
    return peer.Send(answer);
  };
}

// Our end of the one connection to the port.
int SocketTo(uint16_t port) {
  for (int socket = 0; socket < 1024; ++socket) {
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    const bool connected = getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &size) == 0;
    if (connected && peer.sin_family == AF_INET && ntohs(peer.sin_port) == port) return socket;
  }
  return -1;
}

int OptionOf(int socket, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  getsockopt(socket, level, name, &value, &size);
  return value;
}

TEST_F(CurlLoopTest, HandleThatIsRefusedEndsAtOnce) {
  CURLcode told = CURLE_OK;
  curl_.Add(nullptr, [&](CURLcode code) { told = code; });
  EXPECT_NE(told, CURLE_OK);

  CURL* const easy = curl_.Borrow();
  curl_easy_setopt(easy, CURLOPT_URL, "http://127.0.0.1:1/");
  curl_.Add(easy, [](CURLcode) {});
  told = CURLE_OK;
  curl_.Add(easy, [&](CURLcode code) { told = code; });
  EXPECT_NE(told, CURLE_OK);
  curl_.Remove(easy);
  curl_.GiveBack(easy);
}

TEST_F(CurlLoopTest, TransferThatCannotBeSetUpEndsAtOnce) {
  request_ = {.method = "GET", .url = std::string(9'000'000, 'x')};
  const Transfer transfer(curl_, changed_, request_);
  EXPECT_TRUE(transfer.done());
  EXPECT_EQ(transfer.result().code(), absl::StatusCode::kUnavailable);
}

TEST_F(CurlLoopTest, HandlesServeAgain) {
  CURL* const easy = curl_.Borrow();
  ASSERT_NE(easy, nullptr);
  curl_.GiveBack(easy);
  EXPECT_EQ(curl_.Borrow(), easy);
  curl_.GiveBack(easy);
}

TEST_F(CurlLoopTest, NothingOfATransferIsLeftForTheNext) {
  const RawUpstream upstream(Keeping(kAnswer));
  request_ = {.method = "PUT",
              .url = upstream.url(),
              .headers = {{"X-Mine", "1"}, {"Authorization", "key"}},
              .body = "body"};
  {
    const Transfer first(curl_, changed_, request_);
    ASSERT_TRUE(RunUntil(io_, [&] { return first.done(); }));
  }
  EXPECT_EQ(Ask(upstream), "{}");
  const RawUpstream::Request second = upstream.requests().at(1);
  EXPECT_THAT(second.head, ::testing::StartsWith("GET / HTTP/1.1\r\n"));
  EXPECT_THAT(second.head, ::testing::Not(HasSubstr("X-Mine")));
  EXPECT_THAT(second.head, ::testing::Not(HasSubstr("Authorization")));
  EXPECT_EQ(second.body, "");
}

TEST_F(CurlLoopTest, OtherEndOfATransferThatIsRemovedIsTold) {
  const RawUpstream upstream([](const RawUpstream::Request&, const RawUpstream::Peer& peer) {
    peer.AwaitEnd();
    return false;
  });
  bool closed = false;
  auto transfer = Start(upstream);
  transfer->TellWhenClosed([&] { closed = true; });
  ASSERT_TRUE(RunUntil(io_, [&] { return upstream.serving() == 1; }));
  EXPECT_FALSE(closed);
  transfer.reset();
  EXPECT_FALSE(closed);
  EXPECT_TRUE(RunUntil(io_, [&] { return closed; }));
}

TEST_F(CurlLoopTest, UpstreamThatGoesOnIsCutOff) {
  std::atomic<bool> cut = false;
  const RawUpstream upstream([&](const RawUpstream::Request&, const RawUpstream::Peer& peer) {
    peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
    while (peer.Send(std::string(1000, 'x'))) continue;
    cut = true;
    return false;
  });
  bool closed = false;
  auto transfer = Start(upstream);
  transfer->TellWhenClosed([&] { closed = true; });
  ASSERT_TRUE(RunUntil(io_, [&] { return transfer->has_body(); }));
  transfer.reset();
  EXPECT_TRUE(RunUntil(io_, [&] { return cut.load(); }));
  EXPECT_FALSE(closed);
}

TEST_F(CurlLoopTest, TransferThatHasEndedTellsNothing) {
  const RawUpstream upstream(Keeping(kAnswer));
  bool closed = false;
  auto transfer = Start(upstream);
  transfer->TellWhenClosed([&] { closed = true; });
  ASSERT_TRUE(RunUntil(io_, [&] { return transfer->done(); }));
  transfer.reset();
  Ask(upstream);
  EXPECT_EQ(upstream.connections(), 1);
  EXPECT_FALSE(closed);
}

TEST_F(CurlLoopTest, ConnectionsServeAgain) {
  const RawUpstream upstream(Keeping(kAnswer));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Ask(upstream), "{}");
  EXPECT_EQ(upstream.connections(), 1);
}

// The next one gets the same number from the kernel.
TEST_F(CurlLoopTest, ClosedConnectionsLeaveNothingBehind) {
  const RawUpstream upstream(RawUpstream::Always(kAnswer));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Ask(upstream), "{}");
  EXPECT_EQ(upstream.connections(), 20);
}

TEST_F(CurlLoopTest, ConnectionIdleForTooLongIsNotUsed) {
  const RawUpstream upstream(Keeping(kAnswer));
  Ask(upstream, absl::Seconds(1));
  bool over = false;
  asio::steady_timer timer(io_, std::chrono::milliseconds(2100));
  timer.async_wait([&](error_code) { over = true; });
  ASSERT_TRUE(RunUntil(io_, [&] { return over; }));
  Ask(upstream, absl::Seconds(1));
  EXPECT_EQ(upstream.connections(), 2);
}

TEST_F(CurlLoopTest, NoConnectionIsKeptIfNoneMayBeIdle) {
  const RawUpstream upstream(Keeping(kAnswer));
  Ask(upstream, absl::ZeroDuration());
  Ask(upstream, absl::ZeroDuration());
  EXPECT_EQ(upstream.connections(), 2);
}

TEST_F(CurlLoopTest, ConnectionThatNobodyAcknowledgesEndsByItself) {
  const RawUpstream upstream(Keeping(kAnswer));
  Ask(upstream);
  const std::string url = upstream.url();
  const int socket = SocketTo(static_cast<uint16_t>(atoi(url.substr(url.rfind(':') + 1).c_str())));
  ASSERT_GE(socket, 0);
  const auto seconds = static_cast<int>(CurlLoop::kUnacknowledged.count());
  EXPECT_EQ(OptionOf(socket, IPPROTO_TCP, TCP_USER_TIMEOUT), seconds * 1000);
  EXPECT_EQ(OptionOf(socket, SOL_SOCKET, SO_KEEPALIVE), 1);
  EXPECT_LT(OptionOf(socket, IPPROTO_TCP, TCP_KEEPIDLE), seconds);
}

TEST_F(CurlLoopTest, TransferThatIsDroppedEndsItsRequest) {
  const RawUpstream upstream([](const RawUpstream::Request&, const RawUpstream::Peer& peer) {
    peer.AwaitEnd();
    return false;
  });
  {
    const auto transfer = Start(upstream);
    ASSERT_TRUE(RunUntil(io_, [&] { return upstream.serving() == 1; }));
  }
  EXPECT_TRUE(RunUntil(io_, [&] { return upstream.serving() == 0; }));
}

}  // namespace
}  // namespace zbroker::gateway
