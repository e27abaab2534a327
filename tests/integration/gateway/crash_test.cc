// What survives when the daemon or the gateway is killed or told to end.
#include <signal.h>

#include <atomic>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/integration/gateway/harness.h"
#include "tests/testing/upstream_process.h"

namespace zbroker::testing {
namespace {

using ::testing::HasSubstr;

constexpr char kTwoSlots[] = "[account.default.slots]\nlimit = 2\n";

class CrashTest : public GatewayTest {
 protected:
  CrashTest() : GatewayTest(kTwoSlots) {
    upstream_.emplace([this](const RawUpstream::Request& request, const RawUpstream::Peer& peer) {
      const int now = ++in_flight_;
      for (int most = most_; most < now && !most_.compare_exchange_weak(most, now);) {
      }
      const bool stream = request.body == kStreamPrompt;
      if (stream) peer.Send(absl::StrCat(kStreamHead, Chunk(kStreamStart)));
      WaitUntil([&] { return open_.load(); });
      --in_flight_;
      return peer.Send(stream ? absl::StrCat(Chunk(kStreamEnd), kLastChunk)
                              : Answer(200, kMessage));
    });
    Start(upstream_->url());
  }
  ~CrashTest() override { open_ = true; }  // lets what is still served end

  HttpConnection Send(absl::string_view body) {
    HttpConnection client = Connect();
    client.Send(Post(body));
    return client;
  }
  // One that streams, one that has nothing of its answer yet, and six that wait.
  std::vector<HttpConnection> SendEight() {
    std::vector<HttpConnection> clients;
    clients.push_back(Send(kStreamPrompt));
    EXPECT_THAT(clients[0].ReadUntil(kStreamStart), HasSubstr(kStreamStart));
    for (int i = 1; i < 8; ++i) clients.push_back(Send(kPrompt));
    EXPECT_TRUE(daemon_.WaitForSlots(2, 6));
    EXPECT_TRUE(WaitUntil([&] { return upstream_->serving() == 2; }));
    return clients;
  }
  // Every lease that was granted has one row, and it is closed.
  std::vector<v1::LedgerRow> ClosedRows() {
    std::vector<v1::LedgerRow> rows = SettledRows();
    std::set<uint64_t> ids;
    for (const v1::LedgerRow& row : rows) {
      EXPECT_TRUE(row.has_closed()) << row.ShortDebugString();
      EXPECT_TRUE(ids.insert(row.lease_id()).second) << row.ShortDebugString();
    }
    return rows;
  }

  std::atomic<bool> open_ = false;
  std::atomic<int> in_flight_ = 0;
  std::atomic<int> most_ = 0;
  std::optional<RawUpstream> upstream_;
};

TEST_F(CrashTest, KilledDaemonIsNoticedByNoClient) {
  std::vector<HttpConnection> clients = SendEight();
  const pid_t killed = daemon_.RunningPid();
  daemon_.Stop(SIGKILL);
  // The gateway brings it back, with what is held and what waits.
  ASSERT_TRUE(WaitUntil([&] { return daemon_.Log().find("serves on") != std::string::npos; }));
  EXPECT_NE(daemon_.RunningPid(), killed);
  ASSERT_TRUE(daemon_.WaitForSlots(2, 6));
  open_ = true;
  EXPECT_THAT(clients[0].Read().body, HasSubstr("message_stop"));
  for (size_t i = 1; i < clients.size(); ++i) EXPECT_EQ(clients[i].Read().body, kMessage);
  const auto rows = ClosedRows();
  EXPECT_EQ(rows.size(), 8u);
  for (const v1::LedgerRow& row : rows) EXPECT_EQ(row.outcome(), v1::OUTCOME_OK);
  EXPECT_EQ(most_, 2);
}

TEST_F(CrashTest, RequestThatEndsWhileTheDaemonIsAwayIsAccountedFor) {
  WriteFile(daemon_.dir().File("service"), "systemctl status zbrokerd\n");  // nobody starts it
  HttpConnection client = Send(kPrompt);
  // The gateway has heard of its lease.
  ASSERT_TRUE(WaitUntil([&] { return in_flight_ == 1; }));
  daemon_.Stop(SIGKILL);
  open_ = true;
  EXPECT_EQ(client.Read().body, kMessage);
  daemon_.Start();
  EXPECT_EQ(OnlyRow().outcome(), v1::OUTCOME_OK);
}

TEST_F(CrashTest, DaemonKilledAgainAndAgainGrantsNoMoreThanItHas) {
  const UpstreamProcess counting({"--limit", "2", "--service", "200ms"});
  gateway_.reset();
  Start(counting.WorkUrl());
  std::vector<HttpConnection> clients;
  for (int i = 0; i < 30; ++i) {
    clients.push_back(Connect());
    clients.back().Send(Post(kPrompt, "", ""));
  }
  // All have been queued: one that has not yet been is told at once of a daemon that dies while it
  // starts.
  ASSERT_TRUE(WaitUntil([&] {
    return static_cast<int>(daemon_.Slots().waiting()) + counting.Stat("requests") >= 30;
  }));
  for (int kills = 0; kills < 3; ++kills) {
    ASSERT_TRUE(WaitUntil([&] { return daemon_.RunningPid() > 0; })) << daemon_.Log();
    daemon_.Stop(SIGKILL);
  }
  for (HttpConnection& client : clients) {
    const HttpAnswer answer = client.Read();
    EXPECT_EQ(answer.status, 200) << answer.body;
  }
  EXPECT_EQ(counting.Stat("throttled"), 0);
  EXPECT_EQ(counting.Stat("max_in_flight"), 2);
  EXPECT_EQ(ClosedRows().size(), clients.size());
}

TEST_F(CrashTest, WithoutADaemonTheClientIsTold) {
  WriteFile(daemon_.dir().File("service"), "systemctl status zbrokerd\n");
  gateway_.reset();
  Start(upstream_->url(), {"--broker-timeout", "200ms"});
  daemon_.Stop(SIGKILL);
  const HttpAnswer answer = Ask(Post(kPrompt));
  EXPECT_EQ(answer.status, 503);
  EXPECT_THAT(answer.body, HasSubstr("systemctl status zbrokerd"));
  EXPECT_EQ(upstream_->requests().size(), 0u);
}

TEST_F(CrashTest, WithoutADaemonRequestsAreRelayedIfAskedFor) {
  open_ = true;
  WriteFile(daemon_.dir().File("service"), "systemctl status zbrokerd\n");
  gateway_.reset();
  Start(upstream_->url(), {"--broker-timeout", "100ms", "--if-unavailable", "run"});
  daemon_.Stop(SIGKILL);
  const HttpAnswer answer = Ask(Post(kPrompt));
  EXPECT_EQ(answer.body, kMessage);
  EXPECT_EQ(answer.Field("x-zbroker-lease"), "");
  EXPECT_THAT(gateway_->process().Err(), HasSubstr("RELAYED WITHOUT A LEASE"));
}

TEST_F(CrashTest, LeasesOfAKilledGatewayAreLost) {
  std::vector<HttpConnection> clients = SendEight();
  gateway_->process().Signal(SIGKILL);
  gateway_->process().Wait();
  const auto rows = ClosedRows();
  ASSERT_EQ(rows.size(), 2u);
  for (const v1::LedgerRow& row : rows) EXPECT_EQ(row.outcome(), v1::OUTCOME_LOST);
}

// Held, streaming to a reader that doesn't read, waiting, half-sent and idle.
TEST_F(CrashTest, ToldToEndItEndsSoonAndLeavesNoOpenRow) {
  std::vector<HttpConnection> clients = SendEight();
  const HttpConnection idle = Connect();
  const HttpConnection half = Connect();
  half.Send("POST ");
  gateway_->process().Signal(SIGTERM);
  const absl::Time begin = absl::Now();
  const auto end = gateway_->process().Wait();
  EXPECT_EQ(end.exit_status, 0);
  EXPECT_LT(absl::Now() - begin, absl::Seconds(5));
  const HttpAnswer cut = clients[0].Read();
  EXPECT_FALSE(cut.complete);
  for (const v1::LedgerRow& row : ClosedRows()) EXPECT_NE(row.outcome(), v1::OUTCOME_LOST);
  EXPECT_EQ(upstream_->requests().size(), 2u);
}

TEST_F(CrashTest, ToldToEndItDoesNotWaitForAReaderThatDoesNotRead) {
  std::atomic<size_t> poured = 0;
  gateway_.reset();
  upstream_.emplace([&](const RawUpstream::Request&, const RawUpstream::Peer& peer) {
    peer.Send(kStreamHead);
    const std::string chunk = Chunk(std::string(64 << 10, '\n'));
    while (peer.Send(chunk)) poured += chunk.size();
    return false;
  });
  Start(upstream_->url());
  HttpConnection slow = Connect(/*receive_bytes=*/64 << 10);
  slow.Send(Post(kStreamPrompt));
  ASSERT_TRUE(WaitUntil([&] { return poured > 0; }));
  size_t last = 0;
  ASSERT_TRUE(WaitUntil([&] { return std::exchange(last, poured.load()) == poured; }));
  gateway_->process().Signal(SIGTERM);
  const absl::Time begin = absl::Now();
  EXPECT_EQ(gateway_->process().Wait().exit_status, 0);
  EXPECT_LT(absl::Now() - begin, absl::Seconds(5));
  EXPECT_EQ(ClosedRows().size(), 1u);
}

}  // namespace
}  // namespace zbroker::testing
