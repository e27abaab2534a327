// Leases within leases: whoever waits for its own child never waits for the child's slot.
#include "tests/unit/core/harness.h"

namespace zbroker::core {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class NestingTest : public BrokerTest {
 protected:
  static Acquire Beneath(LeaseId parent, StreamId stream, const std::string& ticket,
                         Kind kind = Kind::kCall) {
    Acquire acquire = Ask(stream, ticket, kind);
    acquire.request.parent = parent;
    acquire.request.session = ticket;
    return acquire;
  }

  LeaseId TakeBeneath(LeaseId parent, StreamId stream, const std::string& ticket,
                      Kind kind = Kind::kCall) {
    Do(Beneath(parent, stream, ticket, kind));
    return Last<Granted>(stream).lease;
  }

  Lease Open(LeaseId id) {
    for (const Lease& lease : Look().leases) {
      if (lease.id == id) return lease;
    }
    ADD_FAILURE() << "lease " << id << " is not open";
    return {};
  }

  static WindowConfig Prompts(double limit) {
    return {.name = "w", .length = absl::Hours(5), .limit = Units(limit)};
  }

  Amount Used() { return Look().windows.at(0).used; }
};

TEST_F(NestingTest, LimitOfOneNeverWaitsForItself) {
  Start(OneAccount(1));
  const LeaseId host = Take(1, "host");
  const LeaseId child = TakeBeneath(host, 2, "child");
  const LeaseId grandchild = TakeBeneath(child, 3, "grandchild");
  EXPECT_EQ(Open(child).host, host);
  EXPECT_EQ(Open(grandchild).host, child);
  EXPECT_EQ(Look().in_flight, 1);
}

TEST_F(NestingTest, SecondChildWaitsForTheFirstAndThenTakesItsPlace) {
  Start(OneAccount(1));
  const LeaseId host = Take(1, "host");
  const LeaseId first = TakeBeneath(host, 2, "first");
  Do(Beneath(host, 3, "second"));
  EXPECT_EQ(Last<Queued>(3).state.reason, WaitReason::kSlots);
  GiveBack(2, first);
  EXPECT_EQ(Open(Last<Granted>(3).lease).host, host);
  EXPECT_EQ(Look().in_flight, 1);
}

TEST_F(NestingTest, ChildWithASlotOfItsOwnMovesInAndFreesIt) {
  Start(OneAccount(2));
  const LeaseId host = Take(1, "host");
  const LeaseId first = TakeBeneath(host, 2, "first");
  const LeaseId second = TakeBeneath(host, 3, "second");
  EXPECT_EQ(Open(second).host, 0u);
  Do(Ask(4, "other"));
  EXPECT_EQ(Count<Granted>(4), 0);
  GiveBack(2, first);
  EXPECT_EQ(Open(second).host, host);
  EXPECT_EQ(Count<Granted>(4), 1) << "its slot is free for others";
}

TEST_F(NestingTest, OldestOfTheChildrenMovesIn) {
  Start(OneAccount(3));
  const LeaseId host = Take(1, "host");
  const LeaseId first = TakeBeneath(host, 2, "first");
  const LeaseId second = TakeBeneath(host, 3, "second");
  const LeaseId third = TakeBeneath(host, 4, "third");
  GiveBack(2, first);
  EXPECT_EQ(Open(second).host, host);
  EXPECT_EQ(Open(third).host, 0u);
}

TEST_F(NestingTest, GuestInheritsTheSlotOfAHostThatEndsFirst) {
  Start(OneAccount(1));
  const LeaseId host = Take(1, "host");
  const LeaseId child = TakeBeneath(host, 2, "child");
  Do(Ask(3, "other"));
  GiveBack(1, host);
  EXPECT_EQ(Open(child).host, 0u);
  EXPECT_EQ(Look().in_flight, 1);
  EXPECT_EQ(Count<Granted>(3), 0);
  GiveBack(2, child);
  EXPECT_EQ(Count<Granted>(3), 1);
}

TEST_F(NestingTest, GrandchildTakesThePlaceOfAChildThatEndsFirst) {
  Start(OneAccount(1));
  const LeaseId host = Take(1, "host");
  const LeaseId child = TakeBeneath(host, 2, "child");
  const LeaseId grandchild = TakeBeneath(child, 3, "grandchild");
  GiveBack(2, child);
  EXPECT_EQ(Open(grandchild).host, host);
  EXPECT_EQ(Open(host).guest, grandchild);
  EXPECT_EQ(Look().in_flight, 1);
}

TEST_F(NestingTest, HostInQuarantineTakesNoNewGuestAndLeavesItsSlotToTheOldOne) {
  Start(OneAccount(1));
  const LeaseId host = Take(1, "host");
  const LeaseId child = TakeBeneath(host, 2, "child");
  Do(HolderExited{101, 7});
  EXPECT_EQ(Open(child).host, host) << "until the quarantine is over";
  GiveBack(2, child);
  Do(Beneath(host, 3, "late"));
  EXPECT_EQ(Count<Granted>(3), 0);
  Pass(absl::Seconds(1));
  EXPECT_EQ(Count<Granted>(3), 1);
}

TEST_F(NestingTest, NobodyMovesInWithAHostInQuarantine) {
  Start(OneAccount(3));
  const LeaseId host = Take(1, "host");
  const LeaseId first = TakeBeneath(host, 2, "first");
  const LeaseId second = TakeBeneath(host, 3, "second");
  Do(HolderExited{101, 7});
  GiveBack(2, first);
  EXPECT_EQ(Open(second).host, 0u);
}

TEST_F(NestingTest, ParentOfAnotherUserOrAccountIsNoHost) {
  BrokerConfig config = OneAccount(1);
  config.accounts.push_back({.name = "other", .slots = {.limit = 1}});
  Start(config);
  const LeaseId host = Take(1, "host");
  Acquire stranger = Beneath(host, 2, "stranger");
  stranger.client = OnStream(2, kUid + 1);
  Do(stranger);
  EXPECT_EQ(Count<Granted>(2), 0);
  Acquire elsewhere = Beneath(host, 3, "elsewhere");
  elsewhere.request.account = "other";
  Do(elsewhere);
  EXPECT_EQ(Count<Granted>(3), 1) << "on a slot of its own account";
  elsewhere.request.ticket = "again";
  elsewhere.client = OnStream(4);
  Do(elsewhere);
  EXPECT_EQ(Count<Granted>(4), 0);
}

TEST_F(NestingTest, ChildWaitsForABlockAndIsNestedWhenItEnds) {
  Start(OneAccount(2));
  const LeaseId host = Take(1, "host");
  GiveBack(2, Take(2, "throttled"), Outcome::kThrottle, {.retry_after = absl::Seconds(10)});
  Do(Beneath(host, 3, "child"));
  EXPECT_EQ(Last<Queued>(3).state.reason, WaitReason::kBlocked);
  Pass(absl::Seconds(10));
  EXPECT_EQ(Open(Last<Granted>(3).lease).host, host);
}

TEST_F(NestingTest, ChildThatWaitsForAWindowIsNestedWhenThereIsRoom) {
  Start(OneAccount(1, {Prompts(1)}));
  const BootTime begin = now_;
  GiveBack(1, Take(1, "before", Kind::kPrompt));
  const LeaseId host = Take(1, "host");
  Do(Beneath(host, 2, "child", Kind::kPrompt));
  EXPECT_EQ(Last<Queued>(2).state.reason, WaitReason::kWindow);
  Pass(absl::Hours(5));
  EXPECT_EQ(now_, begin + absl::Hours(5));
  EXPECT_EQ(Count<Granted>(2), 1);
}

TEST_F(NestingTest, HostIsChargedForWhatRunsBeneathIt) {
  Start(OneAccount(1, {Prompts(5)}));
  const LeaseId host = Take(1, "host", Kind::kPrompt);
  const LeaseId child = TakeBeneath(host, 2, "child", Kind::kPrompt);
  EXPECT_EQ(Used(), Units(1));
  EXPECT_THAT(Records<LeaseOpened>().back().charges, IsEmpty());
  GiveBack(2, child);
  TakeBeneath(host, 3, "second", Kind::kPrompt);
  EXPECT_EQ(Used(), Units(2)) << "set off once";
}

TEST_F(NestingTest, HeavierGuestIsChargedTheDifference) {
  Start(OneAccount(1, {Prompts(9)}));
  const LeaseId host = Take(1, "host", Kind::kPrompt);
  Acquire heavy = Beneath(host, 2, "heavy", Kind::kPrompt);
  heavy.request.weight = Units(3);
  Do(heavy);
  EXPECT_EQ(Used(), Units(3));
  GiveBack(2, Last<Granted>(2).lease, Outcome::kThrottle, {.retry_after = absl::Seconds(1)});
  EXPECT_EQ(Used(), Units(1)) << "its own charge only";
}

TEST_F(NestingTest, GuestThatIsTurnedAwayGivesTheCreditBack) {
  Start(OneAccount(1, {Prompts(5)}));
  const LeaseId host = Take(1, "host", Kind::kPrompt);
  const LeaseId child = TakeBeneath(host, 2, "child", Kind::kPrompt);
  GiveBack(2, child, Outcome::kThrottle, {.retry_after = absl::Seconds(1)});
  Pass(absl::Seconds(1));
  TakeBeneath(host, 3, "child again", Kind::kPrompt);
  EXPECT_EQ(Used(), Units(1));
}

TEST_F(NestingTest, GuestIsNestedAgainAfterARestart) {
  Start(OneAccount(1));
  const LeaseId host = Take(1, "host");
  const LeaseId child = TakeBeneath(host, 2, "child");
  Recovered recovered{.last_lease = child};
  for (const LeaseOpened& opened : Records<LeaseOpened>()) {
    recovered.leases.push_back({opened, /*holder_alive=*/true});
  }
  Start(OneAccount(1));
  broker_->Restore(recovered, now_);
  EXPECT_EQ(Open(child).host, host);
  EXPECT_EQ(Look().in_flight, 1);
  GiveBack(1, host);
  EXPECT_EQ(Look().in_flight, 1);
}

TEST_F(NestingTest, GuestThatCannotBeRecordedLeavesItsPlaceAndItsCredit) {
  Start(OneAccount(1, {Prompts(5)}));
  const LeaseId host = Take(1, "host", Kind::kPrompt);
  Effects effects;
  broker_->Apply(Beneath(host, 2, "child", Kind::kPrompt), now_, effects);
  broker_->Settle(now_, effects);
  std::vector<AddressedEvent> refusals;
  broker_->LedgerFailed(absl::UnavailableError("disk full"), effects, refusals);
  EXPECT_THAT(refusals, SizeIs(1));
  EXPECT_EQ(Open(host).guest, 0u);
  broker_->LedgerWorks();
  TakeBeneath(host, 3, "child again", Kind::kPrompt);
  EXPECT_EQ(Used(), Units(1));
  EXPECT_EQ(Look().in_flight, 1);
}

TEST_F(NestingTest, ChildThatMovesInAfterAThrottleGainsNoTurnByIt) {
  BrokerConfig config = OneAccount(2);
  config.accounts[0].slots.learn = false;
  Start(config);
  const LeaseId host = Take(1, "host");
  const LeaseId first = TakeBeneath(host, 2, "first");
  const LeaseId second = TakeBeneath(host, 3, "second");
  Acquire next = Ask(4, "next");
  next.request.session = "second";
  Acquire stranger = Ask(5, "stranger");
  Do(next);
  Do(stranger);
  Pass(absl::Seconds(20));
  GiveBack(2, first, Outcome::kThrottle, {.retry_after = absl::Seconds(1)});
  EXPECT_EQ(Open(second).host, host);
  Pass(absl::Seconds(1));
  EXPECT_EQ(Count<Granted>(5), 1) << "its session has had no slot-time yet";
  EXPECT_EQ(Count<Granted>(4), 0);
}

TEST_F(NestingTest, GuestOfAHostThatWasTurnedAwayPaysFromThenOn) {
  Start(OneAccount(1));
  Acquire ask = Ask(1, "host");
  ask.request.session = "s";
  Do(ask);
  const LeaseId host = Last<Granted>(1).lease;
  const LeaseId child = TakeBeneath(host, 2, "child");
  Pass(absl::Minutes(10));
  GiveBack(1, host, Outcome::kOverload, {.retry_after = absl::Seconds(1)});
  EXPECT_EQ(Open(child).slot_since, now_);
}

}  // namespace
}  // namespace zbroker::core
