// Releases, until the daemon has answered.
#include "tests/unit/broker/conversation_fixture.h"

namespace zbroker::broker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ReleasingTest : public ConversationTest {
 protected:
  void SetUp() override {
    Greet();
    stream_.Said();
  }
};

TEST_F(ReleasingTest, AnswerIsPassedOn) {
  Hold("t1", 7);
  Release(7);
  EXPECT_THAT(stream_.Said(), ElementsAre("release 7 OUTCOME_FAILED"));
  HearReleased(7);
  EXPECT_THAT(Told(), ElementsAre("7 released: "));
  EXPECT_TRUE(conversation_.idle());
}

TEST_F(ReleasingTest, EndThatIsSeenAfterwardsIsToldAsLongAsTheReleaseIsNotAnswered) {
  Hold("t1", 7);
  conversation_.EndSeen(7);
  Release(7, " gone", /*under_way=*/true);
  EXPECT_THAT(stream_.Said(), ElementsAre("release 7 OUTCOME_FAILED gone, under way"));
  conversation_.EndSeen(7);
  EXPECT_THAT(stream_.Said(), ElementsAre("release 7 OUTCOME_FAILED gone"));
  conversation_.EndSeen(7);
  EXPECT_THAT(stream_.Said(), IsEmpty()) << "it is said already";
  Part();
  Greet();
  EXPECT_THAT(stream_.Said(), ElementsAre("hello", "release 7 OUTCOME_FAILED gone"));
  HearReleased(7);
  conversation_.EndSeen(7);
  EXPECT_THAT(stream_.Said(), IsEmpty());
}

TEST_F(ReleasingTest, UnansweredReleaseIsSentAgainOnTheNextStream) {
  Hold("t1", 7);
  Release(7, " 1302");
  stream_.Said();
  Part();
  Greet();
  EXPECT_THAT(stream_.Said(), ElementsAre("hello", "release 7 OUTCOME_FAILED 1302"));
}

TEST_F(ReleasingTest, ReleaseWhileThereIsNoStreamIsKept) {
  Hold("t1", 7);
  Part();
  Release(7);
  EXPECT_FALSE(conversation_.releases_answered());
  Greet();
  EXPECT_THAT(stream_.Said(), ElementsAre("hello", "release 7 OUTCOME_FAILED"));
}

TEST_F(ReleasingTest, OneThatADaemonIsTooBusyForIsSentAgainWithItsDetails) {
  Hold("t1", 7);
  Release(7, " 1302");
  stream_.Said();
  HearFailed(7, absl::StatusCode::kUnavailable, "the daemon is too busy");
  EXPECT_THAT(Told(), IsEmpty());
  Pass(absl::Milliseconds(99));
  EXPECT_THAT(stream_.Said(), IsEmpty());
  Pass(absl::Milliseconds(1));
  EXPECT_THAT(stream_.Said(), ElementsAre("release 7 OUTCOME_FAILED 1302"));
  HearReleased(7);
  EXPECT_THAT(Told(), ElementsAre("7 released: "));
}

TEST_F(ReleasingTest, PausesBetweenTheAttemptsGrowUpToFiveSeconds) {
  Hold("t1", 7);
  Release(7);
  size_t attempts = 0;
  const BootTime end = clock_.Read().boot + absl::Minutes(1);
  while (clock_.Read().boot < end) {
    if (!stream_.Said().empty()) {
      ++attempts;
      HearFailed(7, absl::StatusCode::kUnavailable);
    }
    Pass(absl::Milliseconds(100));
  }
  EXPECT_GE(attempts, 12u);
  EXPECT_LE(attempts, 20u);
  HearReleased(7);
  EXPECT_THAT(Told(), ElementsAre("7 released: "));
}

TEST_F(ReleasingTest, OneThatCrossedAShutdownIsSentToTheNextDaemon) {
  Hold("t1", 7);
  Release(7);
  HearFailed(7, absl::StatusCode::kUnavailable, "the daemon is going down");
  HearGoingDown();
  EXPECT_TRUE(stream_.cancelled());
  stream_.Said();
  Part();
  Greet();
  EXPECT_THAT(stream_.Said(), ElementsAre("hello", "release 7 OUTCOME_FAILED"));
  // The pause of the old daemon is not the new one's.
  Pass(absl::Minutes(1));
  EXPECT_THAT(stream_.Said(), IsEmpty());
}

TEST_F(ReleasingTest, OtherErrorsAreFinal) {
  Hold("t1", 7);
  Release(7);
  HearFailed(7, absl::StatusCode::kPermissionDenied, "not yours");
  EXPECT_THAT(Told(), ElementsAre("7 released: not yours"));
  EXPECT_TRUE(conversation_.idle());
}

TEST_F(ReleasingTest, OneThatWasSentBackIsReleasedBeforeItAsksAgain) {
  Hold("t1", 7);
  Hold("t2", 8);
  Part();
  Release(7);
  Release(8);
  Ask("t2");
  Greet();
  EXPECT_THAT(stream_.Said(), ElementsAre("hello", "release 8 OUTCOME_FAILED", "acquire t2",
                                          "release 7 OUTCOME_FAILED"));
}

TEST_F(ReleasingTest, LeaseWhoseReleaseWasNotTakenYetIsNotGrantedAgain) {
  Hold("t1", 7);
  Release(7);
  Ask("t1");
  stream_.Said();
  HearFailed(7, absl::StatusCode::kUnavailable);
  HearGranted("t1", 7);  // the Acquire has found the lease open
  EXPECT_THAT(Told(), IsEmpty());
  Pass(absl::Milliseconds(100));
  EXPECT_THAT(stream_.Said(), ElementsAre("release 7 OUTCOME_FAILED"));
  HearReleased(7);
  EXPECT_THAT(stream_.Said(), ElementsAre("acquire t1"));
  HearGranted("t1", 9);
  EXPECT_THAT(Told(), ElementsAre("7 released: ", "t1 has 9"));
}

TEST_F(ReleasingTest, ReleasedLeaseIsNotReclaimedNorLost) {
  Hold("t1", 7);
  Release(7);
  Part();
  stream_.Said();
  Greet();
  HearWelcome({});
  HearReleased(7);
  EXPECT_THAT(Told(), ElementsAre("7 released: "));
}

TEST_F(ReleasingTest, RevokedLeaseIsLostOnce) {
  Hold("t1", 7);
  v1::SessionReply reply;
  reply.mutable_revoked()->set_lease_id(7);
  Hear(reply);
  Hear(reply);
  EXPECT_THAT(Told(), ElementsAre("t1 is lost"));
}

}  // namespace
}  // namespace zbroker::broker
