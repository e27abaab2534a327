// The Session stream, message by message.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <future>
#include <limits>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/integration/raw_client.h"
#include "tests/testing/daemon_process.h"
#include "tests/testing/status_matchers.h"

namespace zbroker::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kConfig[] = R"(
[account.default.slots]
limit = 1
[[account.default.window]]
name = "5h"
length = "5h"
limit = 10
)";

class WireTest : public ::testing::Test {
 protected:
  void SetUp() override {
    daemon_.Start();
    client_.emplace(daemon_.socket());
  }

  DaemonProcess daemon_{kConfig};
  std::optional<RawClient> client_;
};

TEST_F(WireTest, FirstMessageThatIsNoHelloEndsTheStream) {
  RawSession session = RawSession::Silent(*client_);
  session.Acquire(Ask("a"));
  EXPECT_THAT(session.End(), HasCode(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(daemon_.Slots().in_flight(), 0u);
}

TEST_F(WireTest, SecondHelloEndsTheStream) {
  RawSession session(*client_);
  v1::SessionRequest hello;
  hello.mutable_hello();
  session.Send(hello);
  EXPECT_THAT(session.End(), HasCode(absl::StatusCode::kFailedPrecondition));
}

TEST_F(WireTest, RequestWithoutContentEndsTheStream) {
  RawSession session(*client_);
  session.Send(v1::SessionRequest());
  EXPECT_THAT(session.End(), HasCode(absl::StatusCode::kInvalidArgument));
}

TEST_F(WireTest, HelloWithMoreReclaimsThanAllowedEndsTheStream) {
  RawSession session = RawSession::Silent(*client_);
  v1::SessionRequest request;
  for (int i = 1; i <= 4097; ++i) request.mutable_hello()->add_reclaims()->set_lease_id(i);
  session.Send(request);
  EXPECT_THAT(session.End(), Fails(absl::StatusCode::kInvalidArgument, HasSubstr("4097")));
}

TEST_F(WireTest, ReclaimNeedsTheTicketToo) {
  RawSession holder(*client_);
  const uint64_t id = holder.Lease(Ask("a"));
  RawSession thief = RawSession::Silent(*client_);
  v1::SessionRequest request;
  auto* reclaim = request.mutable_hello()->add_reclaims();
  reclaim->set_lease_id(id);
  reclaim->set_ticket("guessed");
  thief.Send(request);
  EXPECT_THAT(thief.Next().welcome().reclaimed(), IsEmpty());
}

TEST_F(WireTest, ClientNameIsWhatStatusShows) {
  v1::Hello hello;
  hello.set_client_name("indexer");
  RawSession session(*client_, hello);
  session.Lease(Ask("a"));
  EXPECT_EQ(client_->Status().accounts(0).leases(0).holder().program(), "indexer");
}

TEST_F(WireTest, EmptySessionBecomesTheProcess) {
  RawSession session(*client_);
  session.Lease(Ask("a"));
  EXPECT_EQ(client_->Status().accounts(0).leases(0).session(), absl::StrCat("pid:", getpid()));
}

TEST_F(WireTest, SameTicketTwiceIsOneLease) {
  RawSession session(*client_);
  const uint64_t first = session.Lease(Ask("a"));
  EXPECT_EQ(session.Lease(Ask("a")), first);
  EXPECT_EQ(daemon_.Slots().in_flight(), 1u);
}

TEST_F(WireTest, SameTicketTwiceIsOneWaiter) {
  RawSession holder(*client_);
  const uint64_t held = holder.Lease(Ask("a"));
  RawSession waiter(*client_);
  waiter.Acquire(Ask("b"));
  EXPECT_TRUE(waiter.Next().has_queued());
  waiter.Acquire(Ask("b"));
  EXPECT_TRUE(waiter.Next().has_queued());
  EXPECT_EQ(daemon_.Slots().waiting(), 1u);
  holder.Release(held);
  EXPECT_TRUE(waiter.NextAnswer().has_granted());
  EXPECT_EQ(daemon_.Slots().waiting(), 0u);
}

TEST_F(WireTest, SameTicketFromAnotherStreamTakesTheLeaseAlong) {
  RawSession first(*client_);
  const uint64_t id = first.Lease(Ask("a"));
  RawSession second(*client_);
  EXPECT_EQ(second.Lease(Ask("a")), id);
  first.HalfClose();
  EXPECT_OK(first.End());
  EXPECT_EQ(client_->Status().accounts(0).leases(0).state(), v1::LEASE_STATE_HELD);
}

TEST_F(WireTest, DeadlineInThePastIsRefusedThoughASlotIsFree) {
  RawSession session(*client_);
  v1::Acquire late = Ask("a");
  late.mutable_deadline()->set_seconds(absl::ToUnixSeconds(absl::Now()) - 1);
  EXPECT_THAT(session.Refusal(late), HasCode(absl::StatusCode::kDeadlineExceeded));
}

TEST_F(WireTest, WaitEndsAtItsDeadline) {
  RawSession holder(*client_);
  holder.Lease(Ask("a"));
  v1::Acquire hasty = Ask("b");
  const absl::Time deadline = absl::Now() + absl::Seconds(1);
  hasty.mutable_deadline()->set_seconds(absl::ToUnixSeconds(deadline));
  hasty.mutable_deadline()->set_nanos(static_cast<int32_t>(
      absl::ToInt64Nanoseconds(deadline - absl::FromUnixSeconds(absl::ToUnixSeconds(deadline)))));
  EXPECT_THAT(holder.Refusal(hasty),
              Fails(absl::StatusCode::kDeadlineExceeded, HasSubstr("waited until the deadline")));
  EXPECT_GE(absl::Now(), deadline);
}

TEST_F(WireTest, NoWaitIsRefusedRatherThanQueued) {
  RawSession session(*client_);
  session.Lease(Ask("a"));
  v1::Acquire now_or_never = Ask("b");
  now_or_never.set_no_wait(true);
  EXPECT_THAT(session.Refusal(now_or_never), HasCode(absl::StatusCode::kAborted));
}

TEST_F(WireTest, WeightThatNeverFitsIntoAWindowIsRefusedAtOnce) {
  RawSession session(*client_);
  v1::Acquire heavy = Ask("a");
  heavy.set_kind(v1::KIND_PROMPT);
  heavy.set_weight(11);
  EXPECT_THAT(session.Refusal(heavy), HasCode(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(client_->Status().accounts(0).windows(0).used(), 0);
}

TEST_F(WireTest, CancelIsAnsweredAndFreesThePlace) {
  RawSession session(*client_);
  session.Lease(Ask("a"));
  session.Acquire(Ask("b"));
  EXPECT_TRUE(session.Next().has_queued());
  v1::SessionRequest cancel;
  cancel.mutable_cancel()->set_ticket("b");
  session.Send(cancel);
  EXPECT_EQ(session.NextAnswer().refused().code(),
            static_cast<uint32_t>(absl::StatusCode::kCancelled));
  EXPECT_EQ(daemon_.Slots().waiting(), 0u);
}

TEST_F(WireTest, ReleaseTwiceTellsTheFirstEnd) {
  RawSession session(*client_);
  const uint64_t id = session.Lease(Ask("a"));
  session.Release(id, v1::OUTCOME_FAILED);
  EXPECT_FALSE(session.Next().released().already_ended());
  session.Release(id, v1::OUTCOME_OK);
  const v1::ReleaseReply second = session.Next().released();
  EXPECT_TRUE(second.already_ended());
  EXPECT_EQ(second.outcome(), v1::OUTCOME_FAILED);
}

TEST_F(WireTest, ReleaseOfALeaseNeverGrantedFails) {
  RawSession session(*client_);
  session.Release(77);
  const v1::Failed failed = session.Next().failed();
  EXPECT_EQ(failed.lease_id(), 77u);
  EXPECT_EQ(failed.code(), static_cast<uint32_t>(absl::StatusCode::kNotFound));
}

TEST_F(WireTest, ReleaseWithAnOutcomeThatOnlyTheDaemonSaysEndsTheLeaseAsFailed) {
  RawSession session(*client_);
  for (const v1::Outcome outcome :
       {v1::OUTCOME_LOST, v1::OUTCOME_REVOKED, static_cast<v1::Outcome>(99)}) {
    const uint64_t id = session.Lease(Ask(absl::StrCat("a", outcome)));
    session.Release(id, outcome);
    EXPECT_EQ(session.Next().released().outcome(), v1::OUTCOME_FAILED) << outcome;
    EXPECT_EQ(daemon_.Slots().in_flight(), 0u);
  }
}

TEST_F(WireTest, ReleaseIsNeverRefusedForItsDetails) {
  RawSession session(*client_);
  v1::SessionRequest request;
  v1::ReleaseRequest& release = *request.mutable_release();
  release.set_outcome(v1::OUTCOME_OK);
  v1::ReleaseDetails& details = *release.mutable_details();
  details.mutable_usage()->set_input_tokens(2'000'000'000'000);
  details.set_http_status(9999);
  details.set_upstream_code("a\nb");
  details.mutable_first_byte()->set_seconds(std::numeric_limits<int64_t>::min());
  details.mutable_until()->set_seconds(std::numeric_limits<int64_t>::max());
  for (int i = 0; i < 5; ++i) {
    const uint64_t id = session.Lease(Ask(absl::StrCat("a", i)));
    release.set_lease_id(id);
    session.Send(request);
    EXPECT_EQ(session.Next().released().lease_id(), id);
  }
  EXPECT_EQ(daemon_.Slots().in_flight(), 0u);
  // Said once, however often it comes.
  const std::string log = daemon_.Log();
  const size_t first = log.find("left out of a release");
  ASSERT_NE(first, std::string::npos) << log;
  EXPECT_EQ(log.find("left out of a release", first + 1), std::string::npos) << log;
}

TEST_F(WireTest, ReleaseOfALeaseThatAnEarlierDaemonEndedTellsThatEnd) {
  RawSession session(*client_);
  const uint64_t id = session.Lease(Ask("a"));
  session.Release(id, v1::OUTCOME_FAILED);
  session.Next();
  daemon_.Stop(SIGTERM);
  daemon_.Start();
  RawClient client(daemon_.socket());
  RawSession second(client);
  second.Release(id, v1::OUTCOME_OK);
  const v1::ReleaseReply reply = second.NextAnswer().released();
  EXPECT_TRUE(reply.already_ended());
  EXPECT_EQ(reply.outcome(), v1::OUTCOME_FAILED);
  const auto unary = client.Release(id);
  ASSERT_OK(unary);
  EXPECT_TRUE(unary->already_ended());
  EXPECT_EQ(unary->outcome(), v1::OUTCOME_FAILED);
}

TEST_F(WireTest, RevokeOfALeaseNeverGrantedFails) {
  EXPECT_THAT(client_->Revoke(77), HasCode(absl::StatusCode::kNotFound));
}

TEST_F(WireTest, HolderIsToldOfARevocation) {
  RawSession session(*client_);
  const uint64_t id = session.Lease(Ask("a"));
  EXPECT_OK(client_->Revoke(id));
  EXPECT_EQ(session.Next().revoked().lease_id(), id);
}

TEST_F(WireTest, GoingDownIsSaidOnTermination) {
  RawSession session(*client_);
  session.Lease(Ask("a"));
  kill(daemon_.RunningPid(), SIGTERM);
  EXPECT_TRUE(session.Next().has_going_down());
}

TEST_F(WireTest, UnaryAcquireThatWaitsEndsAsUnavailableOnTermination) {
  RawSession session(*client_);
  session.Lease(Ask("a"));
  std::future<absl::Status> waiter = std::async(
      std::launch::async, [&] { return client_->Acquire(v1::UnaryAcquireRequest()).status(); });
  ASSERT_TRUE(daemon_.WaitForSlots(1, 1));
  kill(daemon_.RunningPid(), SIGTERM);
  EXPECT_THAT(waiter.get(),
              Fails(absl::StatusCode::kUnavailable, HasSubstr("the daemon is going down")));
}

}  // namespace
}  // namespace zbroker::testing
