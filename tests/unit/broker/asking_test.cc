// Acquires, from the first word to the grant or its refusal.
#include "client/base/proto_time.h"
#include "tests/unit/broker/conversation_fixture.h"

namespace zbroker::broker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class AskingTest : public ConversationTest {};

TEST_F(AskingTest, WhatIsAskedBeforeThereIsAStreamIsSaidOnIt) {
  Ask("t1");
  EXPECT_THAT(stream_.Said(), IsEmpty());
  Greet();
  EXPECT_THAT(stream_.Said(), ElementsAre("hello", "acquire t1"));
}

TEST_F(AskingTest, GrantReachesTheUserOnce) {
  Greet();
  Ask("t1");
  HearGranted("t1", 7);
  HearGranted("t1", 7);
  EXPECT_THAT(Told(), ElementsAre("t1 has 7"));
  EXPECT_THAT(stream_.Said(), ElementsAre("hello", "acquire t1"));
}

TEST_F(AskingTest, AsksAgainWithTheOriginalArrival) {
  Greet();
  Ask("t1");
  HearQueued("t1", 1234);
  Part();
  stream_.Said();
  Greet();
  EXPECT_THAT(stream_.Said(), ElementsAre("hello", "acquire t1 since 1234"));
}

TEST_F(AskingTest, HeldLeasesAreReclaimed) {
  Greet();
  Hold("t1", 7);
  Hold("t2", 8);
  Part();
  Greet();
  EXPECT_THAT(stream_.Said(), ElementsAre("hello 7=t1 8=t2"));
  HearWelcome({7, 8});
  EXPECT_THAT(Told(), IsEmpty());
}

TEST_F(AskingTest, LeaseThatWasNotReclaimedInTimeIsLost) {
  Greet();
  Hold("t1", 7);
  Hold("t2", 8);
  Part();
  Greet();
  HearWelcome({8});
  EXPECT_THAT(Told(), ElementsAre("t1 is lost"));
  Part();
  stream_.Said();
  Greet();
  EXPECT_THAT(stream_.Said(), ElementsAre("hello 8=t2"));
}

TEST_F(AskingTest, GrantThatCrossesACancellationIsGivenBackUnused) {
  Greet();
  Ask("t1");
  Withdraw("t1");
  stream_.Said();
  HearGranted("t1", 7);
  EXPECT_THAT(stream_.Said(), ElementsAre("release 7 OUTCOME_CANCELLED unused"));
  // That release is as good as any: it is sent again until it is answered.
  Part();
  Greet();
  EXPECT_THAT(stream_.Said(), ElementsAre("hello", "release 7 OUTCOME_CANCELLED unused"));
  HearReleased(7);
  EXPECT_TRUE(conversation_.idle());
  EXPECT_THAT(Told(), ElementsAre("t1: cancelled"));
}

TEST_F(AskingTest, BusyDaemonIsAskedAgainLater) {
  Greet();
  Ask("t1");
  stream_.Said();
  HearRefused("t1", absl::StatusCode::kUnavailable, "disk full");
  EXPECT_THAT(Told(), ElementsAre("t1 is away: disk full"));
  Pass(absl::Milliseconds(499));
  EXPECT_THAT(stream_.Said(), IsEmpty());
  Pass(absl::Milliseconds(1));
  EXPECT_THAT(stream_.Said(), ElementsAre("acquire t1"));
}

TEST_F(AskingTest, RefusalThatLastsEndsTheWaitAfterTheBrokerTimeout) {
  Greet();
  Ask("t1");
  for (int i = 0; i < 58; ++i) {
    HearRefused("t1", absl::StatusCode::kUnavailable, "disk full");
    Pass(absl::Milliseconds(510));
  }
  Told();
  Pass(absl::Seconds(1));
  EXPECT_THAT(Told(), ElementsAre("t1: disk full"));
}

TEST_F(AskingTest, OtherRefusalsEndTheWaitAtOnce) {
  Greet();
  Ask("t1");
  HearRefused("t1", absl::StatusCode::kNotFound, "no such account");
  EXPECT_THAT(Told(), ElementsAre("t1: no such account"));
  EXPECT_TRUE(conversation_.idle());
}

TEST_F(AskingTest, DaemonThatDoesNotAnswerIsGivenUpAfterTheBrokerTimeout) {
  Greet();
  Ask("t1");
  stream_.Said();
  Pass(absl::Seconds(29));
  EXPECT_THAT(Told(), IsEmpty());
  Pass(absl::Seconds(1));
  EXPECT_THAT(Told(), ElementsAre("t1: the daemon does not answer"));
  EXPECT_THAT(stream_.Said(), ElementsAre("cancel t1"));
}

TEST_F(AskingTest, QueuedWaitIsNotGivenUp) {
  Greet();
  Ask("t1");
  HearQueued("t1", 5);
  Pass(absl::Hours(24));
  EXPECT_THAT(Told(), IsEmpty());
}

TEST_F(AskingTest, DaemonThatHangsDoesNotOutliveTheDeadlineByMuch) {
  Greet();
  v1::Acquire request;
  SetProtoTime(clock_.Read().wall + absl::Seconds(5), request.mutable_deadline());
  Ask("t1", request);
  HearQueued("t1", 5);
  Pass(absl::Seconds(5));
  EXPECT_THAT(Told(), IsEmpty());
  Pass(absl::Seconds(1));
  EXPECT_THAT(Told(), ElementsAre("t1: the daemon does not answer"));
}

TEST_F(AskingTest, WaitWithoutADaemonEndsAfterTheBrokerTimeout) {
  Ask("t1");
  FindNobody(absl::UnavailableError("nobody"));
  EXPECT_THAT(Told(), ElementsAre("t1 is away: nobody"));
  clock_.Advance(absl::Seconds(30));
  FindNobody(absl::UnavailableError("nobody"));
  EXPECT_THAT(Told(), ElementsAre("t1: nobody"));
}

TEST_F(AskingTest, TimeWithADaemonDoesNotCountAsTimeWithout) {
  Greet();
  Ask("t1");
  HearQueued("t1", 5);
  Pass(absl::Hours(1));
  Part("crashed");
  EXPECT_THAT(Told(), ElementsAre("t1 is away: crashed"));
}

TEST_F(AskingTest, ErrorThatWontPassEndsOnlyWaitsOfWhichNoDaemonHasHeard) {
  Greet();
  Ask("t1");
  Part();
  Ask("t2");
  Told();
  FindNobody(absl::InvalidArgumentError("the path is too long"));
  EXPECT_THAT(Told(), ElementsAre("t1 is away: the path is too long", "t2: the path is too long"));
}

TEST_F(AskingTest, EveryWaitIsWithdrawnWithTheClient) {
  Greet();
  Ask("t1");
  Ask("t2");
  stream_.Said();
  Run([&](auto& calls) { conversation_.WithdrawAll(calls); });
  EXPECT_THAT(stream_.Said(), ElementsAre("cancel t1", "cancel t2"));
  EXPECT_THAT(Told(), ElementsAre("t1: cancelled", "t2: cancelled"));
}

TEST_F(AskingTest, NextLookComesForwardOnlyForWhatIsDueSooner) {
  Greet();
  Pass(absl::ZeroDuration());
  EXPECT_EQ(conversation_.next_look(), BootTime::InfiniteFuture());
  Ask("t1");
  const BootTime first = conversation_.next_look();
  EXPECT_EQ(first, clock_.Read().boot + absl::Seconds(30));
  clock_.Advance(absl::Seconds(1));
  Ask("t2");
  HearQueued("t1", 1);
  HearGranted("t2", 7);
  EXPECT_EQ(conversation_.next_look(), first);
  HearRefused("t1", absl::StatusCode::kUnavailable, "busy");
  EXPECT_EQ(conversation_.next_look(), clock_.Read().boot + absl::Milliseconds(500));
}

}  // namespace
}  // namespace zbroker::broker
