// Restart, reload, and a ledger that can't be written.
#include "daemon/core/broker.h"

#include "tests/unit/core/harness.h"

namespace zbroker::core {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::zbroker::testing::Fails;
using ::zbroker::testing::HasCode;

const WindowConfig kWindow{.name = "w", .length = absl::Seconds(10), .limit = Units(2)};

class RestoreTest : public BrokerTest {
 protected:
  static Recovered::OpenLease Open(LeaseId id, StreamId stream, bool alive) {
    return {{.lease = id,
             .request = {.ticket = absl::StrCat("t", id), .account = "default", .session = "s"},
             .holder = OnStream(stream).holder},
            alive};
  }

  void Restart(BrokerConfig config, const Recovered& recovered) {
    Start(std::move(config));
    broker_->Restore(recovered, now_);
  }
};

TEST_F(RestoreTest, OpenLeasesAreInFlightUntilReclaimed) {
  Restart(OneAccount(1), {.last_lease = 7, .leases = {Open(7, 1, true)}});
  Do(Ask(2, "b"));
  EXPECT_EQ(Count<Granted>(2), 0);
  Do(Hello{OnStream(1), {{7, "t7"}}});
  EXPECT_THAT(Last<Welcome>(1).reclaimed, ElementsAre(7));
  GiveBack(1, 7);
  EXPECT_EQ(Last<Granted>(2).lease, 8u);
}

TEST_F(RestoreTest, LeaseOfADeadHolderGoesIntoQuarantine) {
  Restart(OneAccount(1), {.last_lease = 7, .leases = {Open(7, 1, false)}});
  Do(Ask(2, "b"));
  Pass(absl::Seconds(1));
  EXPECT_EQ(Count<Granted>(2), 1);
  EXPECT_EQ(Records<LeaseClosed>().at(0).outcome, Outcome::kLost);
}

TEST_F(RestoreTest, LiveHolderThatDoesNotComeBackIsLostAfterTheGrace) {
  Restart(OneAccount(1), {.last_lease = 7, .leases = {Open(7, 1, true)}});
  Pass(absl::Seconds(11) - absl::Microseconds(1));
  EXPECT_EQ(InFlight(), 1);
  Pass(absl::Microseconds(1));
  EXPECT_EQ(InFlight(), 0);
}

TEST_F(RestoreTest, MoreOpenLeasesThanSlotsGrantNothingUntilDrained) {
  Restart(OneAccount(1), {.last_lease = 8, .leases = {Open(7, 1, true), Open(8, 2, true)}});
  Do(Ask(3, "c"));
  GiveBack(1, 7);
  EXPECT_EQ(Count<Granted>(3), 0);
  GiveBack(2, 8);
  EXPECT_EQ(Count<Granted>(3), 1);
}

TEST_F(RestoreTest, ReleaseCountsEvenWithoutReclaim) {
  Restart(OneAccount(1), {.last_lease = 7, .leases = {Open(7, 1, true)}});
  GiveBack(1, 7);
  EXPECT_EQ(InFlight(), 0);
  EXPECT_EQ(Records<LeaseClosed>().at(0).outcome, Outcome::kOk);
}

TEST_F(RestoreTest, WaitersGetTheirOriginalOrderBack) {
  Restart(OneAccount(1), {.last_lease = 7, .leases = {Open(7, 1, true)}});
  const BootTime before = now_ - absl::Seconds(5);
  Acquire late = Ask(2, "late");
  late.arrival = before + absl::Seconds(1);
  Do(late);
  Acquire early = Ask(3, "early");
  early.arrival = before;
  Do(early);
  GiveBack(1, 7);
  EXPECT_EQ(Count<Granted>(3), 1);
  EXPECT_EQ(Last<Granted>(3).waited, absl::Seconds(5));
  EXPECT_EQ(Count<Granted>(2), 0);
}

TEST_F(RestoreTest, ArrivalIsNotBelievedOnceTheGatheringIsOver) {
  Restart(OneAccount(1), {.last_lease = 7, .leases = {Open(7, 1, true)}});
  Do(Hello{OnStream(1), {{7, "t7"}}});
  Do(Ask(2, "honest"));
  Pass(absl::Seconds(10));
  Acquire pushy = Ask(3, "pushy");
  pushy.arrival = BootTime::FromMicros(1);
  Do(pushy);
  GiveBack(1, 7);
  EXPECT_EQ(Count<Granted>(2), 1);
}

TEST_F(RestoreTest, ChargesStand) {
  Restart(
      OneAccount(5, {kWindow}),
      {.charges = {{"default",
                    "w",
                    {{now_ - absl::Seconds(9), Units(1)}, {now_ - absl::Seconds(4), Units(1)}}}}});
  Do(Ask(1, "a", Kind::kPrompt));
  EXPECT_EQ(Last<Queued>(1).state.until, now_ + absl::Seconds(1));
  Pass(absl::Seconds(1));
  EXPECT_EQ(Count<Granted>(1), 1);
}

TEST_F(RestoreTest, SettingsAndTotalsStand) {
  Restart(OneAccount(1), {.accounts = {{.settings = {"default", 5}, .totals = {9, 2, 1}}},
                          .pauses = {{"default", {}}}});
  EXPECT_EQ(Look().slot_limit, 5);
  EXPECT_TRUE(Look().pinned);
  EXPECT_EQ(Look().pauses.size(), 1u);
  EXPECT_EQ(Look().totals.granted, 9u);
}

TEST_F(RestoreTest, LeaseOfAnAccountNoLongerConfiguredEndsInPeace) {
  Recovered::OpenLease lease = Open(7, 1, true);
  lease.opened.request.account = "gone";
  Restart(OneAccount(1), {.last_lease = 7, .leases = {lease}});
  GiveBack(1, 7);
  EXPECT_EQ(Records<LeaseClosed>().at(0).account, "gone");
  EXPECT_EQ(broker_->TakeSnapshot(now_).accounts.size(), 1u);
}

class ReconfigureTest : public BrokerTest {
 protected:
  void Reload(BrokerConfig config, const Recovered& recovered = {}) {
    Effects effects;
    broker_->Reconfigure(std::move(config), recovered, now_, effects);
    Settle(effects);
  }
};

TEST_F(ReconfigureTest, RaisedLimitGrantsAtOnce) {
  Start(OneAccount(1));
  Take(1, "a");
  Do(Ask(2, "b"));
  Reload(OneAccount(2));
  EXPECT_EQ(Count<Granted>(2), 1);
}

TEST_F(ReconfigureTest, WaitersOfARemovedAccountAreRefusedAndItsLeasesStay) {
  Start(OneAccount(1));
  const LeaseId lease = Take(1, "a");
  Do(Ask(2, "b"));
  BrokerConfig other = OneAccount(1);
  other.accounts[0].name = other.default_account = "other";
  Reload(other);
  EXPECT_THAT(Last<Refused>(2).status, HasCode(absl::StatusCode::kNotFound));
  GiveBack(1, lease);
  EXPECT_EQ(Last<Released>(1).outcome, Outcome::kOk);
}

TEST_F(ReconfigureTest, WaiterThatNoLongerFitsIsRefused) {
  Start(OneAccount(1));
  Take(1, "a");
  Acquire ask = Ask(2, "b", Kind::kPrompt);
  ask.request.weight = Units(3);
  Do(ask);
  Reload(OneAccount(1, {kWindow}));
  EXPECT_THAT(Last<Refused>(2).status, HasCode(absl::StatusCode::kFailedPrecondition));
}

TEST_F(ReconfigureTest, WindowsTakeTheLedgersCharges) {
  Start(OneAccount(5));
  Reload(OneAccount(5, {kWindow}),
         {.charges = {{"default", "w", {{now_ - absl::Seconds(1), Units(2)}}}}});
  Do(Ask(1, "a", Kind::kPrompt));
  EXPECT_EQ(Last<Queued>(1).state.reason, WaitReason::kWindow);
}

TEST_F(ReconfigureTest, AccountThatComesBackKeepsItsSettingsAndTotals) {
  Start(OneAccount(1));
  BrokerConfig other = OneAccount(1);
  other.accounts[0].name = other.default_account = "other";
  Reload(other);
  Reload(OneAccount(1), {.accounts = {{.settings = {"default", 5}, .totals = {.granted = 9}}},
                         .pauses = {{"default", {}}}});
  EXPECT_EQ(Look().slot_limit, 5);
  EXPECT_EQ(Look().pauses.size(), 1u);
  EXPECT_EQ(Look().totals.granted, 9u);
}

TEST_F(BrokerTest, VanishedWaiterMeetsItsDeadlineUnderMoreWindows) {
  Start(OneAccount(1));
  Take(1, "a");
  Acquire late = Ask(2, "b", Kind::kPrompt);
  late.deadline = now_ + absl::Seconds(3);
  Do(late);
  Do(StreamClosed{2});
  Effects effects;
  broker_->Reconfigure(
      OneAccount(1, {kWindow, {.name = "v", .length = absl::Hours(1), .limit = Units(1)}}), {},
      now_, effects);
  Pass(absl::Seconds(4));
  EXPECT_EQ(Look().waiters.size(), 0u);
  Do(Ask(3, "b", Kind::kPrompt));
  EXPECT_EQ(Last<Queued>(3).arrival, now_) << "its place was gone with its deadline";
}

TEST_F(BrokerTest, LeaseOfBeforeAReloadGivesBackWhatItChargedTheWindowsThatAreLeft) {
  Start(OneAccount(1, {{.name = "v", .length = absl::Hours(1), .limit = Units(9)}, kWindow}));
  const LeaseId lease = Take(1, "a", Kind::kPrompt);
  Effects effects;
  broker_->Reconfigure(OneAccount(1, {kWindow}),
                       {.charges = {{"default", "w", {{now_, Units(1)}}}}}, now_, effects);
  EXPECT_EQ(Look().windows[0].used, Units(1));
  GiveBack(1, lease, Outcome::kOverload);
  EXPECT_EQ(Look().windows[0].used, Amount());
  EXPECT_EQ(Records<LeaseClosed>().back().refunds.size(), 2u);
}

class LedgerFailureTest : public BrokerTest {
 protected:
  // One batch whose records can't be written; returns what is left to be written.
  Effects Fail(const std::vector<Command>& batch) {
    Effects effects;
    for (const Command& command : batch) broker_->Apply(command, now_, effects);
    broker_->Settle(now_, effects);
    broker_->LedgerFailed(absl::ResourceExhaustedError("disk full"), effects, events_);
    return effects;
  }
};

TEST_F(LedgerFailureTest, GrantThatCannotBeRecordedIsTakenBack) {
  Start(OneAccount(1, {kWindow}));
  const Effects left = Fail({Ask(1, "a", Kind::kPrompt)});
  EXPECT_TRUE(left.records.empty());
  EXPECT_TRUE(left.events.empty());
  EXPECT_THAT(Last<Refused>(1).status,
              Fails(absl::StatusCode::kUnavailable, HasSubstr("disk full")));
  EXPECT_EQ(InFlight(), 0);
  EXPECT_EQ(Look().windows[0].used, Amount());
  EXPECT_EQ(Look().totals.granted, 0u);
}

TEST_F(LedgerFailureTest, StartsThatAreTakenBackLeaveThePaceAsItWas) {
  Start(OneAccount(4));
  const LeaseId lease = Take(1, "a");
  GiveBack(1, lease, Outcome::kThrottle, {.upstream_code = "1303", .start_rate = true});
  Pass(absl::Seconds(20));
  Fail({Ask(2, "b"), Ask(3, "c")});
  broker_->LedgerWorks();
  Do(Ask(4, "d"));
  EXPECT_EQ(Count<Granted>(4), 1);
}

TEST_F(LedgerFailureTest, GrantsThatAreTakenBackLeaveNoTrace) {
  Start(OneAccount(3, {kWindow}));
  const LeaseId host = Take(1, "host", Kind::kPrompt);
  Acquire nested = Ask(2, "nested", Kind::kPrompt);
  nested.request.parent = host;
  const AccountSnapshot before = Look();
  Fail({nested, Ask(3, "b", Kind::kPrompt), AskReporting(4)});
  broker_->LedgerWorks();
  const AccountSnapshot after = Look();
  EXPECT_EQ(after.windows[0].used, before.windows[0].used);
  EXPECT_EQ(after.in_flight, before.in_flight);
  EXPECT_EQ(after.leases.size(), 1u);
  EXPECT_EQ(after.leases[0].guest, 0u);
  EXPECT_EQ(after.totals.granted, before.totals.granted);
  Do(nested);
  EXPECT_EQ(Look().leases.back().host, host);
  EXPECT_EQ(Look().windows[0].used, before.windows[0].used) << "its host has paid for it";
}

TEST_F(LedgerFailureTest, ReleaseIsKeptToBeWrittenLater) {
  Start(OneAccount(1));
  const LeaseId lease = Take(1, "a");
  const Effects left = Fail({Release{.client = OnStream(1), .lease = lease}});
  ASSERT_EQ(left.records.size(), 1u);
  EXPECT_EQ(std::get<LeaseClosed>(left.records[0]).lease, lease);
  EXPECT_EQ(left.events.size(), 1u);
}

TEST_F(LedgerFailureTest, WaitersAndNewcomersAreRefusedUntilTheLedgerWorks) {
  Start(OneAccount(1));
  const LeaseId lease = Take(1, "a");
  Do(Ask(2, "b"));
  Fail({Release{.client = OnStream(1), .lease = lease}});
  EXPECT_THAT(Last<Refused>(2).status, HasCode(absl::StatusCode::kUnavailable));
  Do(Ask(3, "c"));
  EXPECT_THAT(Last<Refused>(3).status, HasCode(absl::StatusCode::kUnavailable));
  EXPECT_FALSE(broker_->TakeSnapshot(now_).ledger_error.ok());
  broker_->LedgerWorks();
  Take(4, "d");
}

TEST_F(LedgerFailureTest, WhatNeedsNoRecordIsSaidAtOnce) {
  Start(OneAccount(1));
  Acquire impatient = Ask(2, "b");
  impatient.no_wait = true;
  const Effects left = Fail({Ask(1, "a"), impatient});
  EXPECT_EQ(Count<Refused>(1), 1);
  EXPECT_EQ(Count<Refused>(2), 1);
  EXPECT_TRUE(left.events.empty());
}

TEST_F(LedgerFailureTest, HeldLeasesStay) {
  Start(OneAccount(2));
  const LeaseId lease = Take(1, "a");
  Fail({Ask(2, "b")});
  EXPECT_EQ(Look().leases.at(0).id, lease);
  EXPECT_EQ(InFlight(), 1);
}

TEST_F(LedgerFailureTest, IdsOfTakenBackGrantsAreNotUsedAgain) {
  Start(OneAccount(1));
  Fail({Ask(1, "a")});
  broker_->LedgerWorks();
  EXPECT_EQ(Take(2, "b"), 2u);
}

}  // namespace
}  // namespace zbroker::core
