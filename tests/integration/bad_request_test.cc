// Acquires with a field that no daemon accepts. Each is sent both ways, and costs its client
// nothing but the answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <ostream>
#include <string>

#include "tests/integration/raw_client.h"
#include "tests/testing/daemon_process.h"
#include "tests/testing/status_matchers.h"

namespace zbroker::testing {
namespace {

using ::testing::HasSubstr;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct BadField {
  std::string name;
  std::function<void(v1::Acquire& acquire)> spoil;
  std::string message;
  absl::StatusCode code = absl::StatusCode::kInvalidArgument;
};

void PrintTo(const BadField& field, std::ostream* out) { *out << field.name; }

BadField Weight(const std::string& name, double weight) {
  return {name, [weight](v1::Acquire& acquire) { acquire.set_weight(weight); },
          "is not a number from 0 to"};
}

class BadFieldTest : public ::testing::TestWithParam<BadField> {
 protected:
  static void SetUpTestSuite() {
    daemon_ = new DaemonProcess("[account.default.slots]\nlimit = 1\n");
    daemon_->Start();
  }
  static void TearDownTestSuite() {
    delete daemon_;
    daemon_ = nullptr;
  }

  static DaemonProcess* daemon_;
};

DaemonProcess* BadFieldTest::daemon_ = nullptr;

TEST_P(BadFieldTest, IsRefusedAndTheStreamGoesOn) {
  RawClient client(daemon_->socket());
  RawSession session(client);
  v1::Acquire acquire = Ask("a");
  GetParam().spoil(acquire);
  EXPECT_THAT(session.Refusal(acquire), Fails(GetParam().code, HasSubstr(GetParam().message)));
  session.Release(session.Lease(Ask("b")));
  EXPECT_EQ(session.Next().released().outcome(), v1::OUTCOME_OK);
}

TEST_P(BadFieldTest, FailsAUnaryAcquire) {
  RawClient client(daemon_->socket());
  v1::UnaryAcquireRequest request;
  *request.mutable_acquire() = Ask("a");
  GetParam().spoil(*request.mutable_acquire());
  EXPECT_THAT(client.Acquire(request), Fails(GetParam().code, HasSubstr(GetParam().message)));
  EXPECT_EQ(daemon_->Slots().in_flight(), 0u);
}

INSTANTIATE_TEST_SUITE_P(
    All, BadFieldTest,
    ::testing::Values(
        BadField{"UnknownAccount", [](v1::Acquire& acquire) { acquire.set_account("nobody's"); },
                 "no account nobody's; configured: default", absl::StatusCode::kNotFound},
        BadField{"LongSession",
                 [](v1::Acquire& acquire) { acquire.set_session(std::string(257, 's')); },
                 "session is 257 bytes long"},
        BadField{"LongTicket",
                 [](v1::Acquire& acquire) { acquire.set_ticket(std::string(257, 't')); },
                 "ticket is 257 bytes long"},
        BadField{"LongModel",
                 [](v1::Acquire& acquire) { acquire.set_model(std::string(257, 'm')); },
                 "model is 257 bytes long"},
        BadField{"LineBreakInSession", [](v1::Acquire& acquire) { acquire.set_session("a\nb"); },
                 "session has a control character at byte 1"},
        BadField{"EscapeInModel", [](v1::Acquire& acquire) { acquire.set_model("\x1b[2J"); },
                 "model has a control character at byte 0"},
        BadField{"C1ControlInSession",
                 [](v1::Acquire& acquire) { acquire.set_session("\xC2\x9B"); },
                 "session has a control character at byte 0"},
        BadField{"NulInTicket",
                 [](v1::Acquire& acquire) { acquire.set_ticket(std::string("a\0b", 3)); },
                 "ticket has a control character at byte 1"},
        Weight("NegativeWeight", -1), Weight("NanWeight", std::nan("")),
        Weight("InfiniteWeight", kInfinity), Weight("MinusInfiniteWeight", -kInfinity),
        Weight("HugeWeight", 1e300), Weight("WeightJustTooLarge", 1'000'001),
        BadField{"UnknownKind",
                 [](v1::Acquire& acquire) { acquire.set_kind(static_cast<v1::Kind>(99)); },
                 "kind 99 is not one this daemon knows"},
        BadField{"UnknownPriority",
                 [](v1::Acquire& acquire) { acquire.set_priority(static_cast<v1::Priority>(-7)); },
                 "priority -7 is not one this daemon knows"},
        BadField{"DeadlineBeyondTime",
                 [](v1::Acquire& acquire) {
                   acquire.mutable_deadline()->set_seconds(std::numeric_limits<int64_t>::max());
                 },
                 "deadline"},
        BadField{"DeadlineWithBadNanos",
                 [](v1::Acquire& acquire) { acquire.mutable_deadline()->set_nanos(-5); },
                 "deadline"},
        BadField{"DeadlineLongPast",
                 [](v1::Acquire& acquire) { acquire.mutable_deadline()->set_seconds(1); },
                 "the deadline has passed", absl::StatusCode::kDeadlineExceeded}),
    [](const auto& test) { return test.param.name; });

class NameTest : public ::testing::Test {
 protected:
  void SetUp() override { daemon_.Start(); }
  DaemonProcess daemon_;
};

TEST_F(NameTest, EmptyTicketIsRefusedOnASession) {
  RawClient client(daemon_.socket());
  RawSession session(client);
  EXPECT_THAT(session.Refusal(Ask("")),
              Fails(absl::StatusCode::kInvalidArgument, HasSubstr("ticket is empty")));
}

TEST_F(NameTest, OfTheLongestLengthAndAnyScriptIsTaken) {
  RawClient client(daemon_.socket());
  RawSession session(client);
  v1::Acquire acquire = Ask(std::string(256, 't'));
  acquire.set_session("セッション \xF0\x9F\x90\x9D");
  session.Lease(acquire);
  EXPECT_EQ(client.Status().accounts(0).leases(0).session(), acquire.session());
}

TEST_F(NameTest, ThatIsNotUtf8FailsTheUnaryCall) {
  RawClient client(daemon_.socket());
  v1::UnaryAcquireRequest request;
  request.mutable_acquire()->set_session("a\xFF");
  EXPECT_FALSE(client.Acquire(request).ok());
  EXPECT_EQ(daemon_.Slots().in_flight(), 0u);
}

TEST_F(NameTest, ThatIsNotUtf8EndsTheStreamOfItsClientOnly) {
  RawClient client(daemon_.socket());
  RawSession other(client);
  const uint64_t id = other.Lease(Ask("mine"));
  RawSession session(client);
  v1::Acquire acquire = Ask("a");
  acquire.set_session("a\xFF");
  session.Acquire(acquire);
  session.End().IgnoreError();
  other.Release(id);
  EXPECT_EQ(other.Next().released().outcome(), v1::OUTCOME_OK);
}

}  // namespace
}  // namespace zbroker::testing
