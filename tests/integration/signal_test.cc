// What a release says of the upstream, over the wire: what is refused, blocked, kept and shown.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <functional>
#include <future>
#include <ostream>
#include <string>

#include "absl/time/clock.h"
#include "client/broker/broker_client.h"
#include "client/broker/control_client.h"
#include "client/broker/refusal.h"
#include "tests/integration/raw_client.h"
#include "tests/testing/daemon_process.h"
#include "tests/testing/status_matchers.h"

namespace zbroker::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kOneSlot[] = "[account.default.slots]\nlimit = 1\n";

v1::SessionRequest ReleaseOf(uint64_t lease_id, v1::Outcome outcome,
                             const v1::ReleaseDetails& details = {}) {
  v1::SessionRequest message;
  message.mutable_release()->set_lease_id(lease_id);
  message.mutable_release()->set_outcome(outcome);
  *message.mutable_release()->mutable_details() = details;
  return message;
}

v1::ReleaseDetails WallForAnHour() {
  v1::ReleaseDetails details;
  details.set_upstream_code("1308");
  details.set_message("Usage limit reached for 5 hour");
  details.mutable_until()->set_seconds(absl::ToUnixSeconds(absl::Now()) + 3600);
  details.mutable_window_length()->set_seconds(5 * 3600);
  return details;
}

v1::ReleaseDetails RetryAfter(absl::Duration length) {
  v1::ReleaseDetails details;
  details.mutable_retry_after()->set_seconds(absl::ToInt64Seconds(length));
  details.mutable_retry_after()->set_nanos(static_cast<int32_t>(
      absl::ToInt64Nanoseconds(length - absl::Seconds(absl::ToInt64Seconds(length)))));
  return details;
}

struct BadDetail {
  std::string name;
  std::function<void(v1::ReleaseDetails& details)> spoil;
  std::string message;
};

void PrintTo(const BadDetail& detail, std::ostream* out) { *out << detail.name; }

class BadDetailTest : public ::testing::TestWithParam<BadDetail> {
 protected:
  static void SetUpTestSuite() {
    daemon_ = new DaemonProcess(kOneSlot);
    daemon_->Start();
  }
  static void TearDownTestSuite() {
    delete daemon_;
    daemon_ = nullptr;
  }

  static DaemonProcess* daemon_;
};

DaemonProcess* BadDetailTest::daemon_ = nullptr;

TEST_P(BadDetailTest, IsLeftOutAndTheLeaseEnds) {
  RawClient client(daemon_->socket());
  RawSession session(client);
  const uint64_t lease = session.Lease(Ask("a"));
  v1::ReleaseDetails details;
  GetParam().spoil(details);
  session.Send(ReleaseOf(lease, v1::OUTCOME_FAILED, details));
  const v1::ReleaseReply released = session.NextAnswer().released();
  EXPECT_EQ(released.lease_id(), lease);
  EXPECT_EQ(released.outcome(), v1::OUTCOME_FAILED);
  EXPECT_EQ(daemon_->Slots().in_flight(), 0u);
  EXPECT_THAT(daemon_->Log(), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadDetailTest,
    ::testing::Values(
        BadDetail{"NegativeRetryAfter",
                  [](auto& details) { details.mutable_retry_after()->set_seconds(-1); },
                  "retry_after is negative"},
        BadDetail{"RetryAfterBeyondTheType",
                  [](auto& details) { details.mutable_retry_after()->set_seconds(1LL << 60); },
                  "retry_after is not a valid Duration"},
        BadDetail{"UntilBeyondTheType",
                  [](auto& details) { details.mutable_until()->set_nanos(-1); },
                  "until is not a valid Timestamp"},
        BadDetail{"NegativeWindow",
                  [](auto& details) { details.mutable_window_length()->set_nanos(-1); },
                  "window_length is negative"},
        BadDetail{"NegativeFirstByte",
                  [](auto& details) { details.mutable_first_byte()->set_seconds(-5); },
                  "first_byte is negative"},
        BadDetail{"UnknownScope",
                  [](auto& details) { details.set_scope(static_cast<v1::Scope>(9)); },
                  "scope 9 is not one this daemon knows"},
        BadDetail{"StatusThatIsNone", [](auto& details) { details.set_http_status(99); },
                  "http_status 99 is not from 100 to 999"},
        BadDetail{"NegativeTokens",
                  [](auto& details) { details.mutable_usage()->set_cached_tokens(-1); },
                  "-1 is not a count"},
        BadDetail{"AbsurdTokens",
                  [](auto& details) { details.mutable_usage()->set_output_tokens(1LL << 62); },
                  "is not a count from 0 to 1000000000"},
        BadDetail{"LongCode",
                  [](auto& details) { details.set_upstream_code(std::string(257, '1')); },
                  "upstream_code is 257 bytes long"}),
    [](const auto& one) { return one.param.name; });

class SignalTest : public ::testing::Test {
 protected:
  SignalTest() : daemon_(kOneSlot) { daemon_.Start(); }

  // Takes a lease and ends it so.
  void EndLease(v1::Outcome outcome, const v1::ReleaseDetails& details) {
    RawClient client(daemon_.socket());
    RawSession session(client);
    session.Send(ReleaseOf(session.Lease(Ask("ended")), outcome, details));
    EXPECT_EQ(session.NextAnswer().released().outcome(), outcome);
  }

  std::unique_ptr<broker::BrokerClient> Client() const {
    auto client =
        broker::BrokerClient::Create({.socket_path = daemon_.socket(), .start_daemon = false});
    EXPECT_OK(client);
    return *std::move(client);
  }

  DaemonProcess daemon_;
};

TEST_F(SignalTest, WallOutlivesTheDaemonAndEndsWithResume) {
  EndLease(v1::OUTCOME_WALL, WallForAnHour());
  daemon_.Stop(SIGKILL);
  daemon_.Start();

  const v1::AccountStatus account = daemon_.Status().accounts(0);
  EXPECT_EQ(account.blocked().reason(), "wall");
  EXPECT_EQ(account.blocked().detail(), "Usage limit reached for 5 hour");
  EXPECT_NEAR(static_cast<double>(account.blocked().until().seconds()),
              static_cast<double>(absl::ToUnixSeconds(absl::Now()) + 3600), 60);
  ASSERT_EQ(account.blocks_size(), 1);
  EXPECT_EQ(account.blocks(0).upstream_code(), "1308");

  RawClient client(daemon_.socket());
  RawSession session(client);
  EXPECT_THAT(session.Refusal(Ask("a")),
              Fails(absl::StatusCode::kResourceExhausted, HasSubstr("(1308); until ")));
  v1::Acquire holding = Ask("b");
  holding.set_hold_until_reset(true);
  session.Acquire(holding);
  const v1::Queued queued = session.Next().queued();
  EXPECT_EQ(queued.reason(), v1::WAIT_REASON_BLOCKED);
  EXPECT_THAT(queued.detail(), HasSubstr("used up until "));

  EXPECT_OK(RawClient::Call(&v1::Admin::Stub::Resume, client.admin(), v1::ResumeRequest()));
  EXPECT_EQ(session.NextAnswer().granted().ticket(), "b");
  EXPECT_FALSE(daemon_.Status().accounts(0).has_blocked());
}

TEST_F(SignalTest, WhatWasEndedByResumeStaysEndedAfterAKill) {
  EndLease(v1::OUTCOME_WALL, WallForAnHour());
  RawClient client(daemon_.socket());
  const auto reply = RawClient::Call(&v1::Admin::Stub::Resume, client.admin(), v1::ResumeRequest());
  ASSERT_OK(reply);
  EXPECT_EQ(reply->ended_size(), 1);
  daemon_.Stop(SIGKILL);
  daemon_.Start();
  EXPECT_EQ(daemon_.Status().accounts(0).blocks_size(), 0);
}

TEST_F(SignalTest, BreakerNeedsAWordOfItsOwn) {
  EndLease(v1::OUTCOME_BREAKER, {});
  RawClient client(daemon_.socket());
  v1::ResumeRequest request;
  const auto left = RawClient::Call(&v1::Admin::Stub::Resume, client.admin(), request);
  ASSERT_OK(left);
  EXPECT_EQ(left->standing_size(), 1);
  EXPECT_EQ(daemon_.Status().accounts(0).blocked().reason(), "breaker");
  request.set_end_breaker(true);
  const auto ended = RawClient::Call(&v1::Admin::Stub::Resume, client.admin(), request);
  ASSERT_OK(ended);
  EXPECT_EQ(ended->ended_size(), 1);
  EXPECT_FALSE(daemon_.Status().accounts(0).has_blocked());
}

TEST_F(SignalTest, SentBackTicketIsServedBeforeThoseWhoCameLater) {
  RawClient first_client(daemon_.socket());
  RawClient second_client(daemon_.socket());
  RawSession first(first_client);
  RawSession second(second_client);
  const uint64_t lease = first.Lease(Ask("a"));
  second.Acquire(Ask("b"));
  ASSERT_EQ(second.Next().queued().position(), 1u);
  first.Send(ReleaseOf(lease, v1::OUTCOME_THROTTLE, RetryAfter(absl::Milliseconds(300))));
  first.Acquire(Ask("a"));
  EXPECT_EQ(first.NextAnswer().released().outcome(), v1::OUTCOME_THROTTLE);
  const v1::Queued queued = first.Next().queued();
  EXPECT_EQ(queued.position(), 1u);
  EXPECT_EQ(queued.reason(), v1::WAIT_REASON_BLOCKED);
  EXPECT_TRUE(daemon_.Slots().has_cool_down_until());
  const v1::Granted granted = first.NextAnswer().granted();
  EXPECT_EQ(granted.ticket(), "a");
  EXPECT_EQ(daemon_.Status().accounts(0).leases(0).attempt(), 2u);
  first.Release(granted.lease_id());
  EXPECT_EQ(second.NextAnswer().granted().ticket(), "b");
}

TEST_F(SignalTest, RowTellsWhatTheReleaseReported) {
  v1::ReleaseDetails details;
  details.mutable_first_byte()->set_nanos(1);
  details.set_http_status(429);
  details.set_upstream_code("1113");
  details.mutable_usage()->set_input_tokens(5);
  details.set_served_model("glm-4.5-air");
  EndLease(v1::OUTCOME_TERMINAL, details);
  const auto rows = daemon_.Rows();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].attempt(), 1u);
  EXPECT_TRUE(rows[0].has_first_byte());
  EXPECT_EQ(rows[0].http_status(), 429u);
  EXPECT_EQ(rows[0].usage().input_tokens(), 5);
  EXPECT_EQ(rows[0].served_model(), "glm-4.5-air");
  EXPECT_EQ(daemon_.Status().accounts(0).blocks_size(), 0) << "one tool's key is not the account's";
}

TEST_F(SignalTest, ClientsRefusalCarriesTheBlock) {
  EndLease(v1::OUTCOME_WALL, WallForAnHour());
  const auto client = Client();
  const absl::Status refused = client->Acquire(v1::Acquire()).status();
  EXPECT_THAT(refused, HasCode(absl::StatusCode::kResourceExhausted));
  const auto block = broker::BlockOf(refused);
  ASSERT_TRUE(block);
  EXPECT_EQ(block->reason(), v1::BLOCK_REASON_WALL);
  EXPECT_EQ(block->upstream_code(), "1308");
}

TEST_F(SignalTest, ClientsLeaseComesBackUnderItsTicket) {
  const auto client = Client();
  auto lease = client->Acquire(v1::Acquire());
  ASSERT_OK(lease);
  v1::Acquire again;
  again.set_ticket(lease->ticket());
  std::promise<absl::Status> released;
  lease->StartRelease(v1::OUTCOME_THROTTLE, RetryAfter(absl::Milliseconds(50)),
                      [&](const absl::Status& status) { released.set_value(status); });
  EXPECT_FALSE(lease->valid());
  auto second = client->Acquire(again);
  ASSERT_OK(second);
  EXPECT_OK(released.get_future().get());
  EXPECT_EQ(second->ticket(), again.ticket());
  EXPECT_EQ(daemon_.Status().accounts(0).leases(0).attempt(), 2u);
}

TEST_F(SignalTest, ZleaseTellsOfTheWallAndTheWayRoundIt) {
  EndLease(v1::OUTCOME_WALL, WallForAnHour());
  const Process::End refused = daemon_.Zlease({"--", "true"});
  EXPECT_EQ(refused.exit_status, 75);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("(1308); until "), HasSubstr("--hold-until-reset")));
}

TEST_F(SignalTest, ZleaseHoldsUntilTheResetSaysUntilWhenAndGoesOn) {
  v1::ReleaseDetails wall = WallForAnHour();
  const int64_t reset = absl::ToUnixSeconds(absl::Now()) + 4;
  wall.mutable_until()->set_seconds(reset);
  EndLease(v1::OUTCOME_WALL, wall);
  const Process::End held = daemon_.Zlease({"--hold-until-reset", "--", "true"});
  EXPECT_GE(absl::ToUnixSeconds(absl::Now()), reset);
  EXPECT_EQ(held.exit_status, 0) << held.err;
  EXPECT_THAT(held.err, HasSubstr("zlease: waiting for a slot: the upstream says that the quota of "
                                  "the account is used up until "));
}

TEST_F(SignalTest, ControlCallThatBreaksNamesItselfAndTheSocket) {
  const auto client =
      broker::ControlClient::Connect({.socket_path = daemon_.socket(), .start_daemon = false});
  ASSERT_OK(client);
  const absl::Status ended = (*client)->WatchStatus("", absl::Hours(1), [&](const v1::Status&) {
    daemon_.Stop(SIGKILL);
    return true;
  });
  EXPECT_THAT(ended, Fails(absl::StatusCode::kUnavailable,
                           AllOf(HasSubstr(daemon_.socket()), HasSubstr("WatchStatus"))));
}

}  // namespace
}  // namespace zbroker::testing
