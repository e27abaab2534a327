// From an Acquire to its grant or refusal.
#include <limits>

#include "tests/unit/core/harness.h"

namespace zbroker::core {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::zbroker::testing::Fails;
using ::zbroker::testing::HasCode;

class AcquireTest : public BrokerTest {
 protected:
  static WindowConfig FivePromptsInTenSeconds() {
    return {.name = "w", .length = absl::Seconds(10), .limit = Units(5)};
  }
};

TEST_F(AcquireTest, FreeSlotIsGrantedAtOnceAndRecorded) {
  Start(OneAccount(1));
  Do(Ask(1, "t"));
  const Granted granted = Last<Granted>(1);
  EXPECT_EQ(granted.account, "default");
  EXPECT_EQ(granted.waited, absl::ZeroDuration());
  ASSERT_EQ(Records<LeaseOpened>().size(), 1u);
  EXPECT_EQ(Records<LeaseOpened>()[0].lease, granted.lease);
  EXPECT_EQ(Count<Queued>(1), 0);
}

TEST_F(AcquireTest, ProjectIsRecordedUnlessItIsNotToBe) {
  BrokerConfig config = OneAccount(2);
  Start(config);
  Acquire ask = Ask(1, "a");
  ask.request.project = "shop";
  Do(ask);
  config.accounts[0].projects = false;
  Effects effects;
  broker_->Reconfigure(config, {}, now_, effects);
  ask.request.ticket = "b";
  Do(ask);
  ASSERT_EQ(Records<LeaseOpened>().size(), 2u);
  EXPECT_EQ(Records<LeaseOpened>()[0].request.project, "shop");
  EXPECT_EQ(Records<LeaseOpened>()[1].request.project, "");
}

TEST_F(AcquireTest, LeaseIdsOnlyGrow) {
  Start(OneAccount(1));
  const LeaseId first = Take(1, "a");
  GiveBack(1, first);
  EXPECT_GT(Take(1, "b"), first);
}

TEST_F(AcquireTest, WithoutFreeSlotItQueuesAndHearsWhy) {
  Start(OneAccount(1));
  Take(1, "a");
  Do(Ask(2, "b"));
  EXPECT_EQ(Count<Granted>(2), 0);
  const Queued queued = Last<Queued>(2);
  EXPECT_EQ(queued.state.position, 1u);
  EXPECT_EQ(queued.state.reason, WaitReason::kSlots);
  EXPECT_EQ(Describe(queued.state), "the only slot is taken");
}

TEST_F(AcquireTest, WaitersAreServedByArrival) {
  Start(OneAccount(1));
  const LeaseId first = Take(1, "a");
  Do(Ask(2, "b"));
  now_ = now_ + absl::Milliseconds(1);
  Do(Ask(3, "c"));
  GiveBack(1, first);
  EXPECT_EQ(Count<Granted>(2), 1);
  EXPECT_EQ(Count<Granted>(3), 0);
}

TEST_F(AcquireTest, NoWaitIsGrantedWhenASlotIsFree) {
  Start(OneAccount(1));
  Acquire ask = Ask(1, "a");
  ask.no_wait = true;
  Do(ask);
  EXPECT_EQ(Count<Granted>(1), 1);
}

TEST_F(AcquireTest, NoWaitIsRefusedRatherThanQueued) {
  Start(OneAccount(1));
  Take(1, "a");
  Acquire ask = Ask(2, "b");
  ask.no_wait = true;
  Do(ask);
  EXPECT_THAT(Last<Refused>(2).status,
              Fails(absl::StatusCode::kAborted, HasSubstr("the only slot is taken")));
  EXPECT_EQ(Look().waiters.size(), 0u);
}

TEST_F(AcquireTest, UnknownAccountIsRefusedWithTheKnownOnes) {
  Start(OneAccount(1));
  Acquire ask = Ask(1, "a");
  ask.request.account = "nope";
  Do(ask);
  EXPECT_THAT(Last<Refused>(1).status,
              Fails(absl::StatusCode::kNotFound, "no account nope; configured: default"));
}

TEST_F(AcquireTest, DeadlineInThePastIsRefusedEvenIfASlotIsFree) {
  Start(OneAccount(1));
  Acquire ask = Ask(1, "a");
  ask.deadline = now_ - absl::Seconds(1);
  Do(ask);
  EXPECT_THAT(Last<Refused>(1).status, HasCode(absl::StatusCode::kDeadlineExceeded));
}

TEST_F(AcquireTest, WaitEndsAtItsDeadline) {
  Start(OneAccount(1));
  const LeaseId first = Take(1, "a");
  Acquire ask = Ask(2, "b");
  ask.deadline = now_ + absl::Seconds(3);
  Do(ask);
  Pass(absl::Seconds(3) - absl::Microseconds(1));
  EXPECT_EQ(Count<Refused>(2), 0);
  Pass(absl::Microseconds(1));
  EXPECT_THAT(Last<Refused>(2).status,
              Fails(absl::StatusCode::kDeadlineExceeded, HasSubstr("the only slot is taken")));
  GiveBack(1, first);
  EXPECT_EQ(Count<Granted>(2), 0);
}

TEST_F(AcquireTest, WeightLargerThanTheWindowIsRefusedAtOnce) {
  Start(OneAccount(1, {FivePromptsInTenSeconds()}));
  Acquire ask = Ask(1, "a", Kind::kPrompt);
  ask.request.weight = Units(6);
  Do(ask);
  EXPECT_THAT(Last<Refused>(1).status, HasCode(absl::StatusCode::kFailedPrecondition));
}

TEST_F(AcquireTest, SixthPromptWaitsUntilTheFirstAgesOut) {
  Start(OneAccount(10, {FivePromptsInTenSeconds()}));
  for (int i = 0; i < 5; ++i) {
    Take(1, absl::StrCat("t", i), Kind::kPrompt);
    now_ = now_ + absl::Seconds(1);
  }
  Do(Ask(2, "sixth", Kind::kPrompt));
  const Queued queued = Last<Queued>(2);
  EXPECT_EQ(queued.state.reason, WaitReason::kWindow);
  EXPECT_EQ(queued.state.until, now_ + absl::Seconds(5));
  Pass(absl::Seconds(5) - absl::Microseconds(1));
  EXPECT_EQ(Count<Granted>(2), 0);
  Pass(absl::Microseconds(1));
  EXPECT_EQ(Count<Granted>(2), 1);
}

TEST_F(AcquireTest, CallPassesWhileAPromptWaitsForItsWindow) {
  Start(OneAccount(10, {FivePromptsInTenSeconds()}));
  for (int i = 0; i < 5; ++i) Take(1, absl::StrCat("t", i), Kind::kPrompt);
  Do(Ask(2, "prompt", Kind::kPrompt));
  Take(3, "call", Kind::kCall);
  EXPECT_EQ(Count<Granted>(2), 0);
}

TEST_F(AcquireTest, LighterPromptBehindAHeavyOneHearsThatItWaitsForOrder) {
  Start(OneAccount(10, {FivePromptsInTenSeconds()}));
  for (int i = 0; i < 4; ++i) Take(1, absl::StrCat("t", i), Kind::kPrompt);
  Acquire heavy = Ask(2, "heavy", Kind::kPrompt);
  heavy.request.weight = Units(3);
  Do(heavy);
  Do(Ask(3, "light", Kind::kPrompt));
  EXPECT_EQ(Last<Queued>(3).state.reason, WaitReason::kOrder);
  EXPECT_EQ(Describe(Last<Queued>(3).state), "somebody ahead waits for window w");
}

TEST_F(AcquireTest, CancelledWaiterHearsItAndChargesNothing) {
  Start(OneAccount(1, {FivePromptsInTenSeconds()}));
  Take(1, "a", Kind::kCall);
  Do(Ask(2, "b", Kind::kPrompt));
  Do(Cancel{OnStream(2), "b"});
  EXPECT_THAT(Last<Refused>(2).status, HasCode(absl::StatusCode::kCancelled));
  EXPECT_EQ(Look().windows[0].used, Amount());
  EXPECT_EQ(Look().waiters.size(), 0u);
}

TEST_F(AcquireTest, CancelOfWhatDoesNotWaitIsIgnored) {
  Start(OneAccount(1));
  const LeaseId lease = Take(1, "a");
  Do(Cancel{OnStream(1), "a"});
  Do(Cancel{OnStream(1), "never"});
  EXPECT_EQ(Count<Refused>(1), 0);
  EXPECT_EQ(Look().leases.at(0).id, lease);
}

TEST_F(AcquireTest, FullQueueRefuses) {
  BrokerConfig config = OneAccount(1);
  config.queue_max = 2;
  Start(config);
  Take(1, "a");
  Do(Ask(2, "b"));
  Do(Ask(3, "c"));
  Do(Ask(4, "d"));
  EXPECT_THAT(Last<Refused>(4).status,
              Fails(absl::StatusCode::kResourceExhausted, HasSubstr("queue")));
  EXPECT_EQ(Look().waiters.size(), 2u);
}

TEST_F(AcquireTest, OneConnectionIsBoundedAndOthersAreUnharmed) {
  Start(OneAccount(1));
  for (int i = 0; i < 10'000; ++i) Do(Ask(1, absl::StrCat("t", i)));
  EXPECT_EQ(Look().waiters.size(), Clients::kConnectionShareMax - 1);
  EXPECT_EQ(Count<Refused>(1), 10'000 - static_cast<int>(Clients::kConnectionShareMax));
  Do(Ask(2, "other"));
  EXPECT_EQ(Count<Queued>(2), 1);
}

TEST_F(AcquireTest, WaiterHearsOfAChangedPlaceWithinASecond) {
  Start(OneAccount(1));
  Take(1, "a");
  Do(Ask(2, "b"));
  Do(Ask(3, "c"));
  EXPECT_EQ(Last<Queued>(3).state.position, 2u);
  Do(Cancel{OnStream(2), "b"});
  Pass(absl::Seconds(1));
  EXPECT_EQ(Last<Queued>(3).state.position, 1u);
  const int told = Count<Queued>(3);
  Pass(absl::Seconds(10));
  EXPECT_EQ(Count<Queued>(3), told) << "nothing changed, so nothing is said";
}

TEST_F(AcquireTest, WhoIsFarBehindHearsOfHisPlaceWhenItHasHalved) {
  Start(OneAccount(1));
  Take(1, "a");
  for (StreamId i = 2; i <= 101; ++i) Do(Ask(i, absl::StrCat("t", i)));
  const int told = Count<Queued>(101);
  for (StreamId i = 2; i <= 41; ++i) Do(Cancel{OnStream(i), absl::StrCat("t", i)});
  Pass(absl::Seconds(1));
  EXPECT_EQ(Count<Queued>(101), told) << "60 of 100";
  EXPECT_EQ(Last<Queued>(42).state.position, 1u);
  EXPECT_EQ(Last<Queued>(61).state.position, 20u) << "the first few are told exactly";
  for (StreamId i = 42; i <= 51; ++i) Do(Cancel{OnStream(i), absl::StrCat("t", i)});
  Pass(absl::Seconds(1));
  EXPECT_EQ(Last<Queued>(101).state.position, 50u);
}

TEST_F(AcquireTest, ReasonThatChangesIsToldToEverybody) {
  Start(OneAccount(1));
  Take(1, "a");
  for (StreamId i = 2; i <= 60; ++i) Do(Ask(i, absl::StrCat("t", i)));
  Client admin = OnStream(99);
  admin.admin = true;
  Do(SetPaused{.client = admin, .account = "default", .paused = true});
  Pass(absl::Seconds(1));
  EXPECT_EQ(Last<Queued>(60).state.reason, WaitReason::kPaused);
}

TEST_F(AcquireTest, ChargesAreRecordedWithTheGrant) {
  Start(OneAccount(1, {FivePromptsInTenSeconds()}));
  Take(1, "a", Kind::kPrompt);
  EXPECT_THAT(Records<LeaseOpened>().at(0).charges, ElementsAre(Charge{"w", Units(1)}));
}

TEST_F(AcquireTest, SessionDefaultsToTheProcess) {
  Start(OneAccount(1));
  Take(1, "a");
  EXPECT_EQ(Records<LeaseOpened>().at(0).request.session, "pid:101");
}

TEST_F(AcquireTest, GoingDownRefusesNewAndGrantsNoMore) {
  Start(OneAccount(1));
  const LeaseId first = Take(1, "a");
  Do(Ask(2, "b"));
  broker_->GoDown();
  Do(Ask(3, "c"));
  EXPECT_THAT(Last<Refused>(3).status, HasCode(absl::StatusCode::kUnavailable));
  GiveBack(1, first);
  EXPECT_EQ(Count<Granted>(2), 0);
}

TEST_F(AcquireTest, WhoStandsBackInOneWindowIsNextWhenThatHasRoomThoughAnotherHasNot) {
  WindowConfig slow{.name = "slow", .length = absl::Seconds(60), .limit = Units(5)};
  WindowConfig quick{
      .name = "quick", .unit = Unit::kCalls, .length = absl::Seconds(10), .limit = Units(5)};
  Start(OneAccount(9, {slow, quick}));
  const auto weigh = [](Acquire ask, double weight) {
    ask.request.weight = Units(weight);
    return ask;
  };
  Do(weigh(Ask(1, "first", Kind::kPrompt), 4));
  Do(weigh(Ask(2, "heavy", Kind::kPrompt), 4));
  Do(weigh(Ask(3, "light", Kind::kCall), 1));
  EXPECT_EQ(Last<Queued>(3).state.reason, WaitReason::kOrder);
  Pass(absl::Seconds(10));
  EXPECT_EQ(Count<Granted>(2), 0);
  EXPECT_EQ(Count<Granted>(3), 1);
}

TEST_F(AcquireTest, WhoDoesNotWaitMakesNobodyStandBack) {
  Start(OneAccount(3, {{.name = "5h", .length = absl::Hours(5), .limit = Units(5)}}));
  Acquire heavy = Ask(1, "heavy", Kind::kPrompt);
  heavy.request.weight = Units(4);
  Do(heavy);
  heavy = Ask(2, "no room", Kind::kPrompt);
  heavy.request.weight = Units(4);
  heavy.no_wait = true;
  Effects effects;
  broker_->Apply(heavy, now_, effects);
  broker_->Apply(Ask(3, "light", Kind::kPrompt), now_, effects);
  Settle(effects);
  EXPECT_THAT(Last<Refused>(2).status, HasCode(absl::StatusCode::kAborted));
  EXPECT_EQ(Last<Granted>(3).ticket, "light");
}

TEST_F(AcquireTest, ClientsThatCannotBeSeenAreNotOneSession) {
  Start(OneAccount(2));
  for (const StreamId stream : {1, 2}) {
    Acquire acquire = Ask(stream, "t");
    acquire.client.holder = {.uid = static_cast<uint32_t>(stream)};
    acquire.client.connection = static_cast<ConnectionId>(7 + stream);
    Do(acquire);
  }
  EXPECT_EQ(Records<LeaseOpened>().at(0).request.session, "connection:8");
  EXPECT_EQ(Records<LeaseOpened>().at(1).request.session, "connection:9");
}

}  // namespace
}  // namespace zbroker::core
