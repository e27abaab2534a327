// Parts of an account's work that administrators pause.
#include "daemon/core/pauses.h"

#include "tests/unit/core/harness.h"

namespace zbroker::core {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class PausesTest : public BrokerTest {
 protected:
  void SetUp() override { Start(OneAccount(5)); }

  static Client Admin() {
    Client admin = OnStream(99);
    admin.admin = true;
    return admin;
  }
  void PausePart(const Part& part, BootTime until = BootTime::InfiniteFuture()) {
    Do(SetPaused{.client = Admin(), .paused = true, .part = part, .until = until});
  }
  void ResumePart(const Part& part) { Do(SetPaused{.client = Admin(), .part = part}); }
  void AskAs(StreamId stream, Priority priority, const std::string& session = "",
             const std::string& program = "") {
    Acquire acquire = Ask(stream, absl::StrCat("t", stream));
    acquire.request.priority = priority;
    acquire.request.session = session;
    acquire.request.program = acquire.program = program;
    Do(acquire);
  }
  bool IsGranted(StreamId stream) { return Count<Granted>(stream) > 0; }
};

const Part kBackground{.priority = Priority::kBackground};

TEST_F(PausesTest, PausedPriorityWaitsAndHoldsUpNobody) {
  PausePart(kBackground);
  AskAs(1, Priority::kBackground);
  AskAs(2, Priority::kNormal);
  EXPECT_FALSE(IsGranted(1));
  EXPECT_TRUE(IsGranted(2));
  const WaitState state = Last<Queued>(1).state;
  EXPECT_EQ(state.reason, WaitReason::kPaused);
  EXPECT_EQ(Describe(state), "background work is paused");
  EXPECT_FALSE(state.until.has_value());
  ResumePart(kBackground);
  EXPECT_TRUE(IsGranted(1));
}

TEST_F(PausesTest, SessionAndProgramArePausedAlone) {
  PausePart({.session = "nightly"});
  PausePart({.program = "indexer"});
  AskAs(1, Priority::kNormal, "nightly");
  AskAs(2, Priority::kNormal, "daily", "indexer");
  AskAs(3, Priority::kNormal, "daily", "claude");
  EXPECT_FALSE(IsGranted(1));
  EXPECT_FALSE(IsGranted(2));
  EXPECT_TRUE(IsGranted(3));
  EXPECT_EQ(Describe(Last<Queued>(2).state), "work of program indexer is paused");
}

TEST_F(PausesTest, AllThatIsNamedMustAgree) {
  PausePart({.priority = Priority::kBackground, .session = "nightly"});
  AskAs(1, Priority::kBackground, "nightly");
  AskAs(2, Priority::kNormal, "nightly");
  EXPECT_FALSE(IsGranted(1));
  EXPECT_TRUE(IsGranted(2));
  EXPECT_EQ(Describe(Last<Queued>(1).state), "background work of session nightly is paused");
}

TEST_F(PausesTest, PauseEndsAtItsInstantAndIsForgotten) {
  const BootTime until = now_ + absl::Hours(2);
  PausePart(kBackground, until);
  AskAs(1, Priority::kBackground);
  EXPECT_EQ(Last<Queued>(1).state.until, until);
  EXPECT_EQ(Last<Queued>(1).state.estimate, absl::Hours(2));
  Pass(absl::Hours(2) - absl::Seconds(1));
  EXPECT_FALSE(IsGranted(1));
  Pass(absl::Seconds(1));
  EXPECT_TRUE(IsGranted(1));
  EXPECT_THAT(Records<PauseEnded>(), SizeIs(1));
}

TEST_F(PausesTest, WholeAccountMayBePausedUntilAnInstantToo) {
  PausePart({}, now_ + absl::Minutes(1));
  AskAs(1, Priority::kInteractive);
  EXPECT_FALSE(IsGranted(1));
  Pass(absl::Minutes(1));
  EXPECT_TRUE(IsGranted(1));
}

TEST_F(PausesTest, ResumeOfAllEndsEveryPauseAndThatOfAPartNoOther) {
  PausePart(kBackground);
  PausePart({.session = "nightly"});
  ResumePart({.session = "nightly"});
  EXPECT_THAT(Look().pauses, SizeIs(1));
  PausePart({});
  ResumePart({});
  EXPECT_THAT(Look().pauses, SizeIs(0));
  EXPECT_THAT(Records<PauseEnded>(), SizeIs(3));
}

TEST_F(PausesTest, PausedChildOfALeaseIsNotNested) {
  PausePart(kBackground);
  const LeaseId parent = Take(1, "parent");
  Acquire child = Ask(2, "child");
  child.request.parent = parent;
  child.request.priority = Priority::kBackground;
  Do(child);
  EXPECT_FALSE(IsGranted(2));
}

TEST_F(PausesTest, ShadowModeKeepsToAPause) {
  BrokerConfig config = OneAccount(1);
  config.accounts[0].shadow = true;
  Start(config);
  PausePart(kBackground);
  AskAs(1, Priority::kBackground);
  AskAs(2, Priority::kNormal);
  AskAs(3, Priority::kNormal);
  EXPECT_FALSE(IsGranted(1));
  EXPECT_TRUE(IsGranted(2));
  EXPECT_TRUE(IsGranted(3));
}

TEST_F(PausesTest, WhoDoesNotWaitIsToldWhy) {
  PausePart(kBackground);
  Acquire acquire = Ask(1, "a");
  acquire.request.priority = Priority::kBackground;
  acquire.no_wait = true;
  Do(acquire);
  EXPECT_THAT(std::string(Last<Refused>(1).status.message()),
              HasSubstr("background work is paused"));
}

TEST_F(PausesTest, NobodyIsPromisedASlotThatAPauseKeepsFromHim) {
  EXPECT_EQ(Look().wait, absl::ZeroDuration());
  PausePart({.priority = Priority::kNormal});
  EXPECT_EQ(Look().wait, std::nullopt);
}

TEST_F(PausesTest, PausesSurviveARestart) {
  PausePart(kBackground, now_ + absl::Hours(1));
  PausePart({.session = "nightly"}, now_ + absl::Seconds(1));
  Recovered recovered;
  recovered.pauses = Records<PauseSet>();
  Start(OneAccount(5));
  now_ = now_ + absl::Minutes(1);
  broker_->Restore(recovered, now_);
  AskAs(1, Priority::kBackground);
  AskAs(2, Priority::kNormal, "nightly");
  EXPECT_FALSE(IsGranted(1));
  EXPECT_TRUE(IsGranted(2));
  EXPECT_THAT(Look().pauses, SizeIs(1));
}

TEST_F(PausesTest, PauseThatHasEndedAlreadyIsRefused) {
  PausePart(kBackground, now_);
  EXPECT_EQ(Last<Failed>(99).status.code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(PausesTest, HundredsOfPartsAreRefused) {
  for (size_t i = 0; i <= Pauses::kMax; ++i) PausePart({.session = absl::StrCat("s", i)});
  EXPECT_EQ(Last<Failed>(99).status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(Look().pauses, SizeIs(Pauses::kMax));
  PausePart({.session = "s0"}, now_ + absl::Hours(1));
  EXPECT_THAT(Look().pauses, SizeIs(Pauses::kMax));
}

}  // namespace
}  // namespace zbroker::core
