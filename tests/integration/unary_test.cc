// Leases of clients that can't hold a stream: they live for a TTL.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <optional>
#include <string>

#include "absl/time/clock.h"
#include "tests/integration/raw_client.h"
#include "tests/testing/daemon_process.h"
#include "tests/testing/status_matchers.h"

namespace zbroker::testing {
namespace {

using ::testing::HasSubstr;

v1::UnaryAcquireRequest For(const std::string& ticket, int64_t ttl_seconds) {
  v1::UnaryAcquireRequest request;
  *request.mutable_acquire() = Ask(ticket);
  request.mutable_ttl()->set_seconds(ttl_seconds);
  return request;
}

class UnaryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    daemon_.Start();
    client_.emplace(daemon_.socket());
  }

  uint64_t Lease(const std::string& ticket, int64_t ttl_seconds = 60) {
    const auto reply = client_->Acquire(For(ticket, ttl_seconds));
    EXPECT_OK(reply);
    return reply.ok() ? reply->lease_id() : 0;
  }

  // Waits until the one lease is in that state.
  bool WaitForState(v1::LeaseState state) {
    return WaitUntil([&] {
      const v1::Status status = client_->Status();
      return status.accounts(0).leases_size() == 1 && status.accounts(0).leases(0).state() == state;
    });
  }

  DaemonProcess daemon_{"[account.default.slots]\nlimit = 1\n[broker]\nunclean_hold = \"500ms\"\n"};
  std::optional<RawClient> client_;
};

TEST_F(UnaryTest, AcquireRenewRelease) {
  const absl::StatusOr<v1::UnaryAcquireReply> acquired = client_->Acquire(For("a", 60));
  ASSERT_OK(acquired);
  EXPECT_EQ(acquired->account(), "default");
  EXPECT_TRUE(acquired->has_expires());
  EXPECT_OK(client_->Renew(acquired->lease_id()));
  const absl::StatusOr<v1::ReleaseReply> released = client_->Release(acquired->lease_id());
  ASSERT_OK(released);
  EXPECT_FALSE(released->already_ended());
  EXPECT_EQ(daemon_.Slots().in_flight(), 0u);
  EXPECT_EQ(daemon_.Rows().at(0).outcome(), v1::OUTCOME_OK);
}

TEST_F(UnaryTest, TicketMayBeEmpty) { EXPECT_NE(Lease(""), 0u); }

TEST_F(UnaryTest, SameTicketAgainIsTheSameLease) {
  const uint64_t id = Lease("a");
  EXPECT_EQ(Lease("a"), id);
  EXPECT_EQ(daemon_.Slots().in_flight(), 1u);
}

TEST_F(UnaryTest, LeaseOutlivesItsConnection) {
  const uint64_t id = Lease("a");
  client_.emplace(daemon_.socket());
  EXPECT_EQ(client_->Status().accounts(0).leases(0).state(), v1::LEASE_STATE_HELD);
  EXPECT_OK(client_->Release(id));
}

TEST_F(UnaryTest, ExpiredLeaseIsQuarantinedAndThenLost) {
  Lease("a", 1);
  EXPECT_TRUE(WaitForState(v1::LEASE_STATE_QUARANTINED));
  ASSERT_TRUE(daemon_.WaitForSlots(0, 0));
  EXPECT_EQ(daemon_.Rows().at(0).outcome(), v1::OUTCOME_LOST);
  EXPECT_EQ(client_->Status().accounts(0).totals().lost(), 1u);
}

TEST_F(UnaryTest, RenewalStartsTheTtlAnew) {
  const uint64_t id = Lease("a", 1);
  const absl::Time begin = absl::Now();
  EXPECT_TRUE(WaitUntil([&] {
    EXPECT_OK(client_->Renew(id));
    return absl::Now() - begin > absl::Milliseconds(1500);
  }));
}

TEST_F(UnaryTest, RenewalAfterExpiryFails) {
  const uint64_t id = Lease("a", 1);
  ASSERT_TRUE(WaitForState(v1::LEASE_STATE_QUARANTINED));
  EXPECT_THAT(client_->Renew(id), HasCode(absl::StatusCode::kNotFound));
  ASSERT_TRUE(daemon_.WaitForSlots(0, 0));
  EXPECT_THAT(client_->Renew(id), HasCode(absl::StatusCode::kNotFound));
}

TEST_F(UnaryTest, RenewalOfALeaseNeverGrantedFails) {
  EXPECT_THAT(client_->Renew(77), HasCode(absl::StatusCode::kNotFound));
}

TEST_F(UnaryTest, RenewalOfALeaseOnAStreamFails) {
  RawSession session(*client_);
  EXPECT_THAT(client_->Renew(session.Lease(Ask("a"))),
              HasCode(absl::StatusCode::kFailedPrecondition));
}

TEST_F(UnaryTest, ReleaseAfterExpiryTellsThatItWasLost) {
  const uint64_t id = Lease("a", 1);
  ASSERT_TRUE(WaitUntil([&] { return daemon_.Slots().in_flight() == 0; }));
  const absl::StatusOr<v1::ReleaseReply> released = client_->Release(id);
  ASSERT_OK(released);
  EXPECT_TRUE(released->already_ended());
  EXPECT_EQ(released->outcome(), v1::OUTCOME_LOST);
}

TEST_F(UnaryTest, ReleaseOfALeaseNeverGrantedFails) {
  EXPECT_THAT(client_->Release(77), HasCode(absl::StatusCode::kNotFound));
  EXPECT_THAT(client_->Release(0), HasCode(absl::StatusCode::kNotFound));
}

TEST_F(UnaryTest, TtlOutOfRangeIsRefused) {
  for (const int64_t seconds : {int64_t{-1}, int64_t{0}, int64_t{3601}, int64_t{1} << 60}) {
    EXPECT_THAT(client_->Acquire(For("a", seconds)),
                Fails(absl::StatusCode::kInvalidArgument, HasSubstr("ttl")))
        << seconds;
  }
}

class PlaceTest : public UnaryTest {
 protected:
  // A call that waits, cancelled when `context_` says so.
  std::future<absl::Status> StartWaiting(const std::string& ticket) {
    return std::async(std::launch::async, [this, ticket] {
      v1::UnaryAcquireReply reply;
      return RawClient::ToAbsl(client_->broker().Acquire(&context_, For(ticket, 60), &reply));
    });
  }

  // Waits until so many waiters have no client.
  bool WaitForGone(int gone) {
    return WaitUntil([&] {
      const v1::Status status = client_->Status();
      const auto& waiters = status.accounts(0).waiters();
      return std::count_if(waiters.begin(), waiters.end(), [](const v1::WaiterInfo& waiter) {
               return waiter.client_gone();
             }) == gone;
    });
  }

  grpc::ClientContext context_;
};

TEST_F(PlaceTest, OfACancelledCallIsKeptForTheSameTicket) {
  RawSession session(*client_);
  const uint64_t held = session.Lease(Ask("held"));
  std::future<absl::Status> cancelled = StartWaiting("first");
  ASSERT_TRUE(daemon_.WaitForSlots(1, 1));
  context_.TryCancel();
  EXPECT_THAT(cancelled.get(), HasCode(absl::StatusCode::kCancelled));
  ASSERT_TRUE(WaitForGone(1));

  session.Acquire(Ask("second"));
  ASSERT_TRUE(daemon_.WaitForSlots(1, 2));
  std::future<uint64_t> first = std::async(std::launch::async, [this] { return Lease("first"); });
  ASSERT_TRUE(WaitForGone(0));
  session.Release(held);
  const uint64_t first_id = first.get();
  EXPECT_OK(client_->Release(first_id));
  v1::SessionReply reply = session.NextAnswer();
  while (!reply.has_granted() && reply.reply_case() != v1::SessionReply::REPLY_NOT_SET) {
    reply = session.NextAnswer();
  }
  EXPECT_GT(reply.granted().lease_id(), first_id);
}

TEST_F(PlaceTest, OfACancelledCallIsGivenUpAfterFiveSeconds) {
  RawSession session(*client_);
  session.Lease(Ask("held"));
  std::future<absl::Status> cancelled = StartWaiting("first");
  ASSERT_TRUE(daemon_.WaitForSlots(1, 1));
  const absl::Time begin = absl::Now();
  context_.TryCancel();
  ASSERT_TRUE(WaitForGone(1));
  ASSERT_TRUE(daemon_.WaitForSlots(1, 0));
  EXPECT_GE(absl::Now() - begin, absl::Seconds(5));
}

TEST_F(PlaceTest, OfAVanishedClientIsNoObstacleToOthers) {
  RawSession session(*client_);
  const uint64_t held = session.Lease(Ask("held"));
  std::future<absl::Status> cancelled = StartWaiting("first");
  ASSERT_TRUE(daemon_.WaitForSlots(1, 1));
  context_.TryCancel();
  ASSERT_TRUE(WaitForGone(1));
  session.Release(held);
  EXPECT_TRUE(session.Next().has_released());
  session.Lease(Ask("second"));
}

}  // namespace
}  // namespace zbroker::testing
