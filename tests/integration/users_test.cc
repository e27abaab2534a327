// What one user may do to another's leases. The machine-wide service lets everybody connect; here
// the directory and the socket are opened to all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <optional>
#include <string>

#include "tests/integration/raw_client.h"
#include "tests/testing/daemon_process.h"
#include "tests/testing/status_matchers.h"

namespace zbroker::testing {
namespace {

using ::testing::IsEmpty;

class UsersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "only root can be two users";
    daemon_.Start();
    ASSERT_EQ(chmod(daemon_.dir().path().c_str(), 0755), 0);
    ASSERT_EQ(chmod(daemon_.socket().c_str(), 0666), 0);
    root_.emplace(daemon_.socket());
    nobody_.emplace(daemon_.socket(), kNobody);
  }

  DaemonProcess daemon_;
  std::optional<RawClient> root_;
  std::optional<RawClient> nobody_;
};

TEST_F(UsersTest, NobodyCanLease) {
  RawSession session(*nobody_);
  session.Lease(Ask("a"));
  EXPECT_EQ(root_->Status().accounts(0).leases(0).holder().uid(), kNobody);
}

TEST_F(UsersTest, LeaseOfAnotherUserCannotBeReleased) {
  RawSession owner(*root_);
  const uint64_t id = owner.Lease(Ask("a"));
  EXPECT_THAT(nobody_->Release(id), HasCode(absl::StatusCode::kPermissionDenied));
  RawSession session(*nobody_);
  session.Release(id);
  EXPECT_EQ(session.Next().failed().code(),
            static_cast<uint32_t>(absl::StatusCode::kPermissionDenied));
  EXPECT_EQ(daemon_.Slots().in_flight(), 1u);
}

TEST_F(UsersTest, EndOfAnotherUsersLeaseIsNotTold) {
  RawSession owner(*root_);
  const uint64_t id = owner.Lease(Ask("a"));
  EXPECT_OK(root_->Release(id));
  EXPECT_THAT(nobody_->Release(id), HasCode(absl::StatusCode::kPermissionDenied));
}

TEST_F(UsersTest, LeaseOfAnotherUserCannotBeRenewed) {
  const auto lease = root_->Acquire(v1::UnaryAcquireRequest());
  ASSERT_OK(lease);
  EXPECT_THAT(nobody_->Renew(lease->lease_id()), HasCode(absl::StatusCode::kPermissionDenied));
}

TEST_F(UsersTest, LeaseOfAnotherUserCannotBeRevoked) {
  RawSession owner(*root_);
  const uint64_t id = owner.Lease(Ask("a"));
  EXPECT_THAT(nobody_->Revoke(id), HasCode(absl::StatusCode::kPermissionDenied));
  EXPECT_EQ(daemon_.Slots().quarantined(), 0u);
}

TEST_F(UsersTest, OwnLeaseCanBeRevoked) {
  RawSession owner(*nobody_);
  EXPECT_OK(nobody_->Revoke(owner.Lease(Ask("a"))));
}

TEST_F(UsersTest, RootMayReleaseAnyLease) {
  RawSession owner(*nobody_);
  EXPECT_OK(root_->Release(owner.Lease(Ask("a"))));
  EXPECT_EQ(daemon_.Slots().in_flight(), 0u);
}

TEST_F(UsersTest, LeaseOfAnotherUserCannotBeReclaimed) {
  RawSession owner(*root_);
  RawSession thief = RawSession::Silent(*nobody_);
  v1::SessionRequest hello;
  auto* reclaim = hello.mutable_hello()->add_reclaims();
  reclaim->set_lease_id(owner.Lease(Ask("a")));
  reclaim->set_ticket("a");
  thief.Send(hello);
  EXPECT_THAT(thief.Next().welcome().reclaimed(), IsEmpty());
}

TEST_F(UsersTest, SameTicketOfTwoUsersIsTwoLeases) {
  RawSession one(*root_);
  RawSession two(*nobody_);
  EXPECT_NE(one.Lease(Ask("a")), two.Lease(Ask("a")));
}

TEST_F(UsersTest, AdminCallsAreForRootAndTheDaemonsUser) {
  const auto denied = HasCode(absl::StatusCode::kPermissionDenied);
  v1::Admin::Stub& admin = nobody_->admin();
  v1::SetLimitRequest limit;
  limit.set_limit(9);
  EXPECT_THAT(RawClient::Call(&v1::Admin::Stub::SetLimit, admin, limit), denied);
  EXPECT_THAT(RawClient::Call(&v1::Admin::Stub::Pause, admin, v1::PauseRequest()), denied);
  EXPECT_THAT(RawClient::Call(&v1::Admin::Stub::Resume, admin, v1::ResumeRequest()), denied);
  EXPECT_THAT(RawClient::Call(&v1::Admin::Stub::Reload, admin, v1::ReloadRequest()), denied);
  EXPECT_EQ(daemon_.Slots().limit(), 3u);
}

TEST_F(UsersTest, StatusShowsThatAnotherUserHoldsALeaseAndNothingElse) {
  v1::Hello hello;
  hello.set_client_name("secret-tool");
  RawSession owner(*root_, hello);
  v1::Acquire acquire = Ask("a");
  acquire.set_session("secret-session");
  acquire.set_model("secret-model");
  const uint64_t id = owner.Lease(acquire);
  const v1::LeaseInfo lease = nobody_->Status().accounts(0).leases(0);
  EXPECT_EQ(lease.lease_id(), id);
  EXPECT_EQ(lease.holder().uid(), 0u);
  EXPECT_EQ(lease.holder().pid(), 0);
  EXPECT_EQ(lease.ShortDebugString().find("secret"), std::string::npos) << lease.ShortDebugString();
}

TEST_F(UsersTest, StatusShowsThatAnotherUserWaitsAndNothingElse) {
  RawSession owner(*root_);
  for (const char* ticket : {"a", "b", "c"}) owner.Lease(Ask(ticket));
  v1::Acquire acquire = Ask("d");
  acquire.set_session("secret-session");
  owner.Acquire(acquire);
  ASSERT_TRUE(daemon_.WaitForSlots(3, 1));
  const v1::WaiterInfo waiter = nobody_->Status().accounts(0).waiters(0);
  EXPECT_EQ(waiter.position(), 1u);
  EXPECT_EQ(waiter.ShortDebugString().find("secret"), std::string::npos)
      << waiter.ShortDebugString();
}

TEST_F(UsersTest, LedgerShowsOwnRowsOnly) {
  for (RawClient* client : {&*root_, &*nobody_}) {
    RawSession session(*client);
    session.Release(session.Lease(Ask("a")));
    EXPECT_TRUE(session.Next().has_released());
  }
  grpc::ClientContext context;
  const auto reader = nobody_->ledger().QueryLedger(&context, v1::QueryLedgerRequest());
  v1::LedgerPage page;
  ASSERT_TRUE(reader->Read(&page));
  ASSERT_EQ(page.rows_size(), 1) << page.ShortDebugString();
  EXPECT_EQ(page.rows(0).uid(), kNobody);
  EXPECT_FALSE(reader->Read(&page));
  EXPECT_TRUE(reader->Finish().ok());
}

}  // namespace
}  // namespace zbroker::testing
