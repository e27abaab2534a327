// From a grant to the lease's one end.
#include "tests/unit/core/harness.h"

namespace zbroker::core {
namespace {

using ::testing::ElementsAre;
using ::zbroker::testing::HasCode;

class LifecycleTest : public BrokerTest {
 protected:
  void SetUp() override { Start(OneAccount(1)); }

  static HolderExited Death(StreamId stream) {
    return {.pid = static_cast<int32_t>(100 + stream), .start_ticks = 7};
  }
  // A command that it has started still runs.
  HolderExited DeathBesidesACommand(StreamId stream) const {
    HolderExited exited = Death(stream);
    exited.command_until = now_ + absl::Minutes(10);
    return exited;
  }

  LeaseId TakeWithTtl(StreamId stream, absl::Duration ttl) {
    Acquire ask = Ask(stream, "ttl");
    ask.request.ttl = ttl;
    Do(ask);
    return Last<Granted>(stream).lease;
  }
};

TEST_F(LifecycleTest, ReleaseClosesTheRowAndGrantsTheNextInTheSameBatch) {
  const LeaseId lease = Take(1, "a");
  Do(Ask(2, "b"));
  GiveBack(1, lease, Outcome::kFailed);
  EXPECT_EQ(Last<Released>(1).outcome, Outcome::kFailed);
  ASSERT_EQ(Records<LeaseClosed>().size(), 1u);
  EXPECT_EQ(Records<LeaseClosed>()[0].outcome, Outcome::kFailed);
  EXPECT_EQ(Count<Granted>(2), 1);
}

TEST_F(LifecycleTest, SecondReleaseTellsTheFirstEndAndChangesNothing) {
  const LeaseId lease = Take(1, "a");
  GiveBack(1, lease, Outcome::kFailed);
  GiveBack(1, lease, Outcome::kOk);
  EXPECT_TRUE(Last<Released>(1).already_ended);
  EXPECT_EQ(Last<Released>(1).outcome, Outcome::kFailed);
  EXPECT_EQ(Records<LeaseClosed>().size(), 1u);
}

TEST_F(LifecycleTest, ReleaseOfWorkUnderWayKeepsTheSlotForAMomentAndIsAnsweredThen) {
  const LeaseId lease = Take(1, "a");
  Do(Ask(2, "b"));
  GiveBack(1, lease, Outcome::kCancelled, {.message = "gone", .under_way = true});
  EXPECT_EQ(Count<Released>(1), 0);
  EXPECT_EQ(Count<Granted>(2), 0);
  EXPECT_EQ(InFlight(), 1);
  Pass(absl::Seconds(1));
  EXPECT_EQ(Last<Released>(1).outcome, Outcome::kCancelled);
  ASSERT_EQ(Records<LeaseClosed>().size(), 1u);
  EXPECT_EQ(Records<LeaseClosed>()[0].outcome, Outcome::kCancelled);
  EXPECT_EQ(Records<LeaseClosed>()[0].detail, "gone");
  EXPECT_EQ(Count<Granted>(2), 1);
}

TEST_F(LifecycleTest, SecondReleaseOfWorkUnderWayDoesNotProlongTheQuarantine) {
  const LeaseId lease = Take(1, "a");
  GiveBack(1, lease, Outcome::kCancelled, {.under_way = true});
  Pass(absl::Milliseconds(900));
  GiveBack(1, lease, Outcome::kCancelled, {.under_way = true});
  EXPECT_EQ(InFlight(), 1);
  Pass(absl::Milliseconds(100));
  EXPECT_EQ(InFlight(), 0);
  EXPECT_EQ(Count<Released>(1), 1);
  EXPECT_EQ(Records<LeaseClosed>().size(), 1u);
}

TEST_F(LifecycleTest, WhoeverReleasesWorkUnderWayIsAnswered) {
  const LeaseId lease = Take(1, "a");
  GiveBack(1, lease, Outcome::kCancelled, {.under_way = true});
  GiveBack(9, lease, Outcome::kCancelled, {.under_way = true});
  EXPECT_EQ(Count<Released>(1), 1) << "as only one can wait for the end";
  GiveBack(1, lease);
  EXPECT_EQ(Count<Released>(1), 2);
  EXPECT_EQ(Count<Released>(9), 1);
  EXPECT_EQ(InFlight(), 0);
}

TEST_F(LifecycleTest, DeathOfTheHolderChangesNothingOfAQuarantineThatHasBegun) {
  const LeaseId lease = Take(1, "a");
  GiveBack(1, lease, Outcome::kCancelled, {.under_way = true});
  Do(StreamClosed{1});
  Do(Death(1));
  Pass(absl::Seconds(1));
  ASSERT_EQ(Records<LeaseClosed>().size(), 1u);
  EXPECT_EQ(Records<LeaseClosed>()[0].outcome, Outcome::kCancelled);
}

TEST_F(LifecycleTest, ReleaseOfAnUnusedLeaseTakesTheChargeBack) {
  Start(OneAccount(1, {{.name = "w", .length = absl::Hours(5), .limit = Units(5)}}));
  Do(Ask(1, "a", Kind::kPrompt));
  const LeaseId lease = Last<Granted>(1).lease;
  GiveBack(1, lease, Outcome::kCancelled, {.unused = true});
  ASSERT_EQ(Records<LeaseClosed>().size(), 1u);
  EXPECT_THAT(Records<LeaseClosed>()[0].refunds, ElementsAre(Charge{"w", Units(1)}));
}

TEST_F(LifecycleTest, ReleaseOfALeaseThatNeverWasFails) {
  GiveBack(1, 42);
  EXPECT_THAT(Last<Failed>(1).status, HasCode(absl::StatusCode::kNotFound));
  GiveBack(1, 0);
  EXPECT_THAT(Last<Failed>(1).status, HasCode(absl::StatusCode::kNotFound));
}

TEST_F(LifecycleTest, ReleaseOfAnothersLeaseFails) {
  const LeaseId lease = Take(1, "a");
  Do(Release{.client = OnStream(2, kUid + 1), .lease = lease});
  EXPECT_THAT(Last<Failed>(2).status, HasCode(absl::StatusCode::kPermissionDenied));
  EXPECT_EQ(InFlight(), 1);
}

TEST_F(LifecycleTest, AdministratorMayReleaseAnothersLease) {
  const LeaseId lease = Take(1, "a");
  Client admin = OnStream(2, 0);
  admin.admin = true;
  Do(Release{.client = admin, .lease = lease});
  EXPECT_EQ(InFlight(), 0);
}

TEST_F(LifecycleTest, AnyProcessOfTheSameUserMayRelease) {
  const LeaseId lease = Take(1, "a");
  GiveBack(2, lease);
  EXPECT_EQ(InFlight(), 0);
}

TEST_F(LifecycleTest, LeaseWhoseStreamEndsWaitsToBeReclaimed) {
  const LeaseId lease = Take(1, "a");
  Do(StreamClosed{1});
  EXPECT_EQ(Look().leases.at(0).state, LeaseState::kOrphaned);
  Do(Hello{OnStream(2), {{lease, "a"}}});
  EXPECT_THAT(Last<Welcome>(2).reclaimed, ElementsAre(lease));
  Pass(absl::Hours(1));
  EXPECT_EQ(Look().leases.at(0).state, LeaseState::kHeld);
}

TEST_F(LifecycleTest, OrphanThatNobodyReclaimsEndsAsLost) {
  Take(1, "a");
  Do(StreamClosed{1});
  Pass(absl::Seconds(10));
  EXPECT_EQ(Look().leases.at(0).state, LeaseState::kQuarantined);
  Pass(absl::Seconds(1));
  EXPECT_EQ(InFlight(), 0);
  EXPECT_EQ(Records<LeaseClosed>().at(0).outcome, Outcome::kLost);
  EXPECT_EQ(Look().totals.lost, 1u);
}

TEST_F(LifecycleTest, ReclaimNeedsTheTicketAndTheUser) {
  const LeaseId lease = Take(1, "a");
  Do(StreamClosed{1});
  Do(Hello{OnStream(2), {{lease, "wrong"}}});
  EXPECT_THAT(Last<Welcome>(2).reclaimed, ElementsAre());
  Do(Hello{OnStream(3, kUid + 1), {{lease, "a"}}});
  EXPECT_THAT(Last<Welcome>(3).reclaimed, ElementsAre());
}

TEST_F(LifecycleTest, KilledHoldersSlotIsQuarantinedAndThenGranted) {
  Take(1, "a");
  Do(Ask(2, "b"));
  Do(StreamClosed{1});
  Do(Death(1));
  EXPECT_EQ(Look().leases.at(0).state, LeaseState::kQuarantined);
  Pass(absl::Seconds(1) - absl::Microseconds(1));
  EXPECT_EQ(Count<Granted>(2), 0);
  Pass(absl::Microseconds(1));
  EXPECT_EQ(Count<Granted>(2), 1);
  EXPECT_EQ(Records<LeaseClosed>().at(0).outcome, Outcome::kLost);
}

TEST_F(LifecycleTest, OrderOfDeathAndStreamEndDoesNotMatter) {
  Take(1, "a");
  Do(Death(1));
  Do(StreamClosed{1});
  EXPECT_EQ(Look().leases.at(0).state, LeaseState::kQuarantined);
  Pass(absl::Seconds(1));
  EXPECT_EQ(InFlight(), 0);
}

TEST_F(LifecycleTest, WithoutUncleanHoldADeadHoldersSlotIsFreeAtOnce) {
  BrokerConfig config = OneAccount(1);
  config.unclean_hold = absl::ZeroDuration();
  Start(config);
  Take(1, "a");
  Do(Ask(2, "b"));
  Do(Death(1));
  EXPECT_EQ(Count<Granted>(2), 1);
}

TEST_F(LifecycleTest, ReleaseDuringQuarantineEndsIt) {
  const LeaseId lease = Take(1, "a");
  Do(StreamClosed{1});
  Pass(absl::Seconds(10));
  GiveBack(2, lease);
  EXPECT_EQ(InFlight(), 0);
  EXPECT_EQ(Records<LeaseClosed>().at(0).outcome, Outcome::kOk);
}

TEST_F(LifecycleTest, QuarantinedLeaseCannotBeReclaimed) {
  const LeaseId lease = Take(1, "a");
  Do(Death(1));
  Do(Hello{OnStream(2), {{lease, "a"}}});
  EXPECT_THAT(Last<Welcome>(2).reclaimed, ElementsAre());
}

TEST_F(LifecycleTest, TicketOfAQuarantinedLeaseMayBeUsedAgain) {
  Start(OneAccount(1));
  Take(1, "a");
  Do(HolderExited{OnStream(1).holder.pid, OnStream(1).holder.start_ticks});
  Do(Ask(2, "a"));
  Do(Ask(3, "b"));
  Client admin = OnStream(9);
  admin.admin = true;
  Do(SetPaused{.client = admin, .account = "default", .paused = true});
  Pass(absl::Seconds(2));  // the quarantine is over
  Do(Cancel{OnStream(2), "a"});
  EXPECT_EQ(Count<Refused>(2), 1) << "it still goes by its ticket";
}

TEST_F(LifecycleTest, SlotOfACommandThatStillRunsIsFreeAfterItsEndAndTheQuarantine) {
  Start(OneAccount(1));
  Take(1, "a");
  Do(Ask(2, "b"));
  Do(DeathBesidesACommand(1));
  EXPECT_TRUE(Look().leases.at(0).command_runs);
  Pass(absl::Minutes(9));
  EXPECT_EQ(Count<Granted>(2), 0);
  Do(Death(1));
  EXPECT_FALSE(Look().leases.at(0).command_runs);
  EXPECT_EQ(Count<Granted>(2), 0);
  Pass(absl::Seconds(1));
  EXPECT_EQ(Count<Granted>(2), 1);
  EXPECT_EQ(Records<LeaseClosed>().at(0).outcome, Outcome::kLost);
}

TEST_F(LifecycleTest, SlotOfACommandThatIsFoundAfterTheGraceIsKept) {
  BrokerConfig config = OneAccount(1);
  config.reclaim_grace = absl::ZeroDuration();
  Start(config);
  Take(1, "a");
  Do(Ask(2, "b"));
  Do(StreamClosed{1});
  Do(DeathBesidesACommand(1));
  EXPECT_TRUE(Look().leases.at(0).command_runs);
  Pass(absl::Minutes(9));
  EXPECT_EQ(Count<Granted>(2), 0);
}

TEST_F(LifecycleTest, CommandThatNeverEndsKeepsItsSlotUntilItsBound) {
  Start(OneAccount(1));
  Take(1, "a");
  Do(Ask(2, "b"));
  Do(DeathBesidesACommand(1));
  Do(StreamClosed{1});
  Pass(absl::Minutes(10));
  EXPECT_EQ(Count<Granted>(2), 1);
}

TEST_F(LifecycleTest, CommandThatStillRunsMayTakeNestedLeases) {
  Start(OneAccount(1));
  const LeaseId lease = Take(1, "a");
  Do(DeathBesidesACommand(1));
  Acquire nested = Ask(2, "b");
  nested.request.parent = lease;
  Do(nested);
  EXPECT_EQ(Count<Granted>(2), 1);
}

TEST_F(LifecycleTest, AnotherProcessWithTheSamePidIsAnother) {
  Take(1, "a");
  Do(HolderExited{.pid = 101, .start_ticks = 8});
  EXPECT_EQ(Look().leases.at(0).state, LeaseState::kHeld);
}

TEST_F(LifecycleTest, TtlLeaseOutlivesItsProcessAndStream) {
  TakeWithTtl(1, absl::Seconds(60));
  Do(StreamClosed{1});
  Do(Death(1));
  Pass(absl::Seconds(59));
  EXPECT_EQ(Look().leases.at(0).state, LeaseState::kHeld);
}

TEST_F(LifecycleTest, TtlLeaseThatIsNotRenewedIsLost) {
  const LeaseId lease = TakeWithTtl(1, absl::Seconds(60));
  Pass(absl::Seconds(60));
  EXPECT_EQ(Look().leases.at(0).state, LeaseState::kQuarantined);
  Do(Renew{OnStream(2), lease});
  EXPECT_THAT(Last<Failed>(2).status, HasCode(absl::StatusCode::kNotFound));
  Pass(absl::Seconds(1));
  EXPECT_EQ(Records<LeaseClosed>().at(0).outcome, Outcome::kLost);
  Do(Renew{OnStream(3), lease});
  EXPECT_THAT(Last<Failed>(3).status, HasCode(absl::StatusCode::kNotFound));
}

TEST_F(LifecycleTest, RenewalStartsTheTtlAnew) {
  const LeaseId lease = TakeWithTtl(1, absl::Seconds(60));
  Pass(absl::Seconds(59));
  Do(Renew{OnStream(2), lease});
  EXPECT_EQ(Last<Renewed>(2).until, now_ + absl::Seconds(60));
  Pass(absl::Seconds(59));
  EXPECT_EQ(Look().leases.at(0).state, LeaseState::kHeld);
}

TEST_F(LifecycleTest, RenewalOfAnothersOrAStreamsLeaseFails) {
  const LeaseId lease = Take(1, "a");
  Do(Renew{OnStream(1), lease});
  EXPECT_THAT(Last<Failed>(1).status, HasCode(absl::StatusCode::kFailedPrecondition));
  Do(Renew{OnStream(2, kUid + 1), lease});
  EXPECT_THAT(Last<Failed>(2).status, HasCode(absl::StatusCode::kPermissionDenied));
}

TEST_F(LifecycleTest, RevokedHolderIsToldAndTheSlotQuarantined) {
  const LeaseId lease = Take(1, "a");
  Do(Ask(2, "b"));
  Do(Revoke{OnStream(3), lease});
  EXPECT_EQ(Last<Revoked>(1).lease, lease);
  EXPECT_EQ(Count<Done>(3), 1);
  EXPECT_EQ(Count<Granted>(2), 0);
  Pass(absl::Seconds(1));
  EXPECT_EQ(Count<Granted>(2), 1);
  EXPECT_EQ(Records<LeaseClosed>().at(0).outcome, Outcome::kRevoked);
}

TEST_F(LifecycleTest, LateReleaseOfARevokedLeaseEndsItAsRevoked) {
  const LeaseId lease = Take(1, "a");
  Do(Revoke{OnStream(3), lease});
  GiveBack(1, lease);
  EXPECT_EQ(Records<LeaseClosed>().at(0).outcome, Outcome::kRevoked);
  EXPECT_EQ(InFlight(), 0);
}

TEST_F(LifecycleTest, RevokeOfUnknownOrAnothersLeaseFails) {
  const LeaseId lease = Take(1, "a");
  Do(Revoke{OnStream(2), lease + 1});
  EXPECT_THAT(Last<Failed>(2).status, HasCode(absl::StatusCode::kNotFound));
  Do(Revoke{OnStream(3, kUid + 1), lease});
  EXPECT_THAT(Last<Failed>(3).status, HasCode(absl::StatusCode::kPermissionDenied));
}

TEST_F(LifecycleTest, LoweredLimitCancelsNothingAndGrantsNothingUntilDrained) {
  Start(OneAccount(2));
  const LeaseId a = Take(1, "a");
  const LeaseId b = Take(2, "b");
  Do(Ask(3, "c"));
  Do(SetLimit{OnStream(9), "", 1});
  EXPECT_EQ(Last<Done>(9).slot_limit, 1);
  EXPECT_EQ(InFlight(), 2);
  GiveBack(1, a);
  EXPECT_EQ(Count<Granted>(3), 0);
  GiveBack(2, b);
  EXPECT_EQ(Count<Granted>(3), 1);
}

TEST_F(LifecycleTest, RaisedLimitGrantsAtOnceAndIsRecorded) {
  Take(1, "a");
  Do(Ask(2, "b"));
  Do(SetLimit{OnStream(9), "default", 2});
  EXPECT_EQ(Count<Granted>(2), 1);
  EXPECT_EQ(Records<AccountSettings>().at(0).slot_limit, 2);
  Do(SetLimit{OnStream(9), "", std::nullopt});
  EXPECT_EQ(Last<Done>(9).slot_limit, 1);
}

TEST_F(LifecycleTest, PausedAccountGrantsNothingUntilResumed) {
  Do(SetPaused{OnStream(9), "", true});
  Do(Ask(1, "a"));
  EXPECT_EQ(Last<Queued>(1).state.reason, WaitReason::kPaused);
  Do(SetPaused{OnStream(9), "", false});
  EXPECT_EQ(Count<Granted>(1), 1);
}

TEST_F(LifecycleTest, SettingsOfAnUnknownAccountFail) {
  Do(SetPaused{OnStream(9), "nope", true});
  EXPECT_THAT(Last<Failed>(9).status, HasCode(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace zbroker::core
