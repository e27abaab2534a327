// Clients that do not keep to the protocol, or overdo it. Each test has a well-behaved client
// beside the other one, which must not feel it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/integration/raw_client.h"
#include "tests/testing/daemon_process.h"
#include "tests/testing/status_matchers.h"

namespace zbroker::testing {
namespace {

constexpr size_t kTenMegabytes = 10 << 20;
constexpr int kConnectionShareMax = 4096;

// Whether the other side closes the connection in time.
bool IsClosedByDaemon(const Fd& connection) {
  return WaitUntil([&] {
    char buffer[4096];
    const ssize_t size = recv(connection.get(), buffer, sizeof buffer, MSG_DONTWAIT);
    return size == 0 || (size < 0 && errno != EAGAIN);
  });
}

class AbuseTest : public ::testing::Test {
 protected:
  void SetUp() override {
    daemon_.Start();
    client_.emplace(daemon_.socket());
    bystander_client_.emplace(daemon_.socket());
    bystander_.emplace(*bystander_client_);
    held_ = bystander_->Lease(Ask("held by a bystander"));
  }

  void TearDown() override {
    const v1::Status status = bystander_client_->Status();
    const auto& leases = status.accounts(0).leases();
    EXPECT_TRUE(std::any_of(leases.begin(), leases.end(), [this](const v1::LeaseInfo& lease) {
      return lease.lease_id() == held_ && lease.state() == v1::LEASE_STATE_HELD;
    })) << status.ShortDebugString();
    bystander_->Release(held_);
    EXPECT_EQ(bystander_->NextAnswer().released().outcome(), v1::OUTCOME_OK);
    const Process::End end = daemon_.Zlease({"--timeout", "5s", "--", "true"});
    EXPECT_EQ(end.exit_status, 0) << end.err;
  }

  size_t DaemonsDescriptors() const {
    const std::filesystem::directory_iterator all(
        absl::StrCat("/proc/", daemon_.RunningPid(), "/fd"));
    return static_cast<size_t>(std::distance(begin(all), end(all)));
  }

  // Leases of streams that are dropped must be given up soon: their process, the test, lives on.
  DaemonProcess daemon_{
      "[account.default.slots]\nlimit = 2\n[broker]\nreclaim_grace = \"100ms\"\n"};
  std::optional<RawClient> client_;
  std::optional<RawClient> bystander_client_;
  std::optional<RawSession> bystander_;
  uint64_t held_ = 0;
};

TEST_F(AbuseTest, TenMegabytesOnAStreamEndIt) {
  RawSession session(*client_);
  v1::Acquire acquire = Ask("a");
  acquire.set_session(std::string(kTenMegabytes, 's'));
  session.Acquire(acquire);
  EXPECT_THAT(session.End(), HasCode(absl::StatusCode::kResourceExhausted));
}

TEST_F(AbuseTest, TenMegabytesInAUnaryCallFailIt) {
  v1::UnaryAcquireRequest request;
  request.mutable_acquire()->set_session(std::string(kTenMegabytes, 's'));
  EXPECT_THAT(client_->Acquire(request), HasCode(absl::StatusCode::kResourceExhausted));
}

TEST_F(AbuseTest, BytesThatAreNoMessageFailTheCall) {
  EXPECT_FALSE(client_->CallBytes("/zbroker.v1.Broker/Acquire", "\xFF\xFF\xFF\x07garbage").ok());
}

// gRPC does not tell the daemon what it could not parse from a client that has nothing more to say,
// so the stream ends as if the latter were the case.
TEST_F(AbuseTest, BytesThatAreNoMessageEndTheStreamUnanswered) {
  EXPECT_EQ(
      client_->CallBytes("/zbroker.v1.Broker/Session", "\xFF\xFF\xFF\x07garbage").value_or(""), "");
}

TEST_F(AbuseTest, UnknownMethodIsUnimplemented) {
  EXPECT_THAT(client_->CallBytes("/zbroker.v1.Broker/Steal", ""),
              HasCode(absl::StatusCode::kUnimplemented));
}

TEST_F(AbuseTest, OneConnectionHasABoundedShare) {
  constexpr int kAcquires = 10'000;
  RawSession session(*client_);
  for (int i = 0; i < kAcquires; ++i) session.Acquire(Ask(absl::StrCat("t", i)));
  std::set<std::string> refused, expected;
  for (int i = kConnectionShareMax; i < kAcquires; ++i) expected.insert(absl::StrCat("t", i));
  while (refused.size() < expected.size()) {
    const v1::SessionReply reply = session.Next();
    if (reply.has_granted() || reply.has_queued()) continue;
    ASSERT_EQ(reply.refused().code(), static_cast<uint32_t>(absl::StatusCode::kResourceExhausted))
        << reply.ShortDebugString();
    refused.insert(reply.refused().ticket());
  }
  EXPECT_EQ(refused, expected) << "those that came last";
  const v1::SlotsStatus slots = daemon_.Slots();
  EXPECT_EQ(slots.in_flight(), 2u);
  EXPECT_EQ(slots.waiting(), kConnectionShareMax - 1u);
}

TEST_F(AbuseTest, ManyWaitersLeaveWithTheirConnection) {
  {
    RawSession session(*client_);
    for (int i = 0; i < kConnectionShareMax; ++i) session.Acquire(Ask(absl::StrCat("t", i)));
    ASSERT_TRUE(daemon_.WaitForSlots(2, kConnectionShareMax - 1));
  }
  client_.emplace(daemon_.socket());
  RawSession next(*client_);
  bystander_->Release(held_);
  EXPECT_TRUE(bystander_->NextAnswer().has_released());
  held_ = bystander_->Lease(Ask("the next in line"));
}

TEST_F(AbuseTest, ClientThatReadsNoRepliesIsCutOff) {
  RawSession session(*client_);
  v1::SessionRequest request;
  request.mutable_release()->set_lease_id(1'000'000);
  for (int i = 0; i < 200'000; ++i) {
    if (!session.Send(request)) break;
  }
  EXPECT_THAT(session.End(), HasCode(absl::StatusCode::kCancelled)) << daemon_.Log();
  EXPECT_THAT(daemon_.Log(), ::testing::HasSubstr("does not read its replies"));
}

TEST_F(AbuseTest, GarbageOnTheSocketIsCutOff) {
  const Fd connection = ConnectSocket(daemon_.socket());
  const std::string garbage(64 << 10, '\x80');
  ASSERT_GT(send(connection.get(), garbage.data(), garbage.size(), MSG_NOSIGNAL), 0);
  EXPECT_TRUE(IsClosedByDaemon(connection));
}

TEST_F(AbuseTest, GarbageAfterAGoodBeginningIsCutOff) {
  const Fd connection = ConnectSocket(daemon_.socket());
  // The preface of HTTP/2, empty settings, and a frame that claims to be 16 MB of what does not
  // exist.
  const std::string bytes =
      absl::StrCat("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", absl::string_view("\0\0\0\x04\0\0\0\0\0", 9),
                   absl::string_view("\xFF\xFF\xFF\x2A\xFF\0\0\0\x01", 9));
  ASSERT_EQ(send(connection.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(bytes.size()));
  EXPECT_TRUE(IsClosedByDaemon(connection));
}

TEST_F(AbuseTest, WebBrowserIsCutOff) {
  const Fd connection = ConnectSocket(daemon_.socket());
  const std::string request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
  ASSERT_EQ(send(connection.get(), request.data(), request.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(request.size()));
  EXPECT_TRUE(IsClosedByDaemon(connection));
}

TEST_F(AbuseTest, ConnectionThatSaysNothingIsNoObstacle) {
  const Fd silent = ConnectSocket(daemon_.socket());
  const Fd half_open = ConnectSocket(daemon_.socket());
  ASSERT_EQ(send(half_open.get(), "PRI * HT", 8, MSG_NOSIGNAL), 8);
  RawSession session(*client_);
  session.Release(session.Lease(Ask("a")));
  EXPECT_TRUE(session.Next().has_released());
}

TEST_F(AbuseTest, DroppedConnectionsLeaveNothingBehind) {
  const size_t before = DaemonsDescriptors();
  for (int i = 0; i < 200; ++i) ConnectSocket(daemon_.socket());
  EXPECT_TRUE(WaitUntil([&] { return DaemonsDescriptors() <= before; }))
      << DaemonsDescriptors() << " descriptors, " << before << " before";
}

TEST_F(AbuseTest, DroppedSessionsLeaveNothingBehind) {
  const size_t before = DaemonsDescriptors();
  for (int i = 0; i < 20; ++i) {
    RawClient client(daemon_.socket());
    RawSession session(client);
    session.Acquire(Ask(absl::StrCat("t", i)));
  }
  EXPECT_TRUE(WaitUntil([&] { return DaemonsDescriptors() <= before; }))
      << DaemonsDescriptors() << " descriptors, " << before << " before";
}

}  // namespace
}  // namespace zbroker::testing
