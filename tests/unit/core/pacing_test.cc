// Starts that are spaced: after complaints of too many, and after a wall.
#include "absl/strings/str_cat.h"
#include "tests/unit/core/harness.h"

namespace zbroker::core {
namespace {

class PacingTest : public BrokerTest {
 protected:
  void AskHolding(StreamId stream, Kind kind = Kind::kCall) {
    Acquire acquire = Ask(stream, absl::StrCat("t", stream), kind);
    acquire.hold_until_reset = true;
    Do(acquire);
  }

  int GrantsAmong(StreamId first, StreamId last) {
    int grants = 0;
    for (StreamId i = first; i <= last; ++i) grants += Count<Granted>(i);
    return grants;
  }

  void WallFor(StreamId stream, absl::Duration length, Scope scope, Kind kind) {
    GiveBack(stream, Take(stream, absl::StrCat("walled", stream), kind), Outcome::kWall,
             {.upstream_code = "1308", .until = now_ + length, .scope = scope});
  }
};

TEST_F(PacingTest, TooManyStartsSpaceThoseThatFollow) {
  Start(OneAccount(4));
  GiveBack(1, Take(1, "a"), Outcome::kThrottle,
           {.upstream_code = "1303", .retry_after = absl::Seconds(1), .start_rate = true});
  Do(Ask(2, "b"));
  Do(Ask(3, "c"));
  Do(Ask(4, "d"));
  Pass(absl::Seconds(1));
  EXPECT_EQ(GrantsAmong(2, 4), 1);
  Do(Ask(5, "e"));
  EXPECT_EQ(Last<Queued>(5).state.reason, WaitReason::kPacing);
  EXPECT_EQ(Last<Queued>(5).state.estimate, absl::Milliseconds(1500)) << "the third to come";
  Pass(absl::Milliseconds(499));
  EXPECT_EQ(GrantsAmong(2, 4), 1);
  Pass(absl::Milliseconds(1));
  EXPECT_EQ(GrantsAmong(2, 4), 2);
  Pass(absl::Milliseconds(500));
  EXPECT_EQ(GrantsAmong(2, 4), 3);
}

TEST_F(PacingTest, NestedLeasesAreStartsToo) {
  Start(OneAccount(4));
  const LeaseId host = Take(1, "host");
  GiveBack(2, Take(2, "a"), Outcome::kThrottle,
           {.upstream_code = "1303", .retry_after = absl::Milliseconds(100), .start_rate = true});
  Pass(absl::Milliseconds(500));
  Do(Ask(3, "b"));
  Acquire child = Ask(4, "child");
  child.request.parent = host;
  Do(child);
  EXPECT_EQ(GrantsAmong(3, 4), 1);
  Pass(absl::Milliseconds(500));
  EXPECT_EQ(GrantsAmong(3, 4), 2);
}

TEST_F(PacingTest, WhoHoldsUntilTheResetIsGrantedAfterItOneByOne) {
  Start(OneAccount(3));
  WallFor(1, absl::Hours(1), Scope::kAccount, Kind::kCall);
  for (StreamId i = 2; i <= 9; ++i) AskHolding(i);
  Pass(absl::Hours(1) - absl::Microseconds(1));
  EXPECT_EQ(GrantsAmong(2, 9), 0);
  Pass(absl::Microseconds(1));
  EXPECT_EQ(GrantsAmong(2, 9), 1) << "the canary";
  EXPECT_EQ(Describe(Last<Queued>(3).state),
            "starts are spaced, as what blocked them has only just ended");
  Pass(StartPacer::kCanary - absl::Microseconds(1));
  EXPECT_EQ(GrantsAmong(2, 9), 1);
  Pass(absl::Microseconds(1));
  EXPECT_EQ(GrantsAmong(2, 9), 2);
  Pass(StartPacer::kSlowInterval);
  EXPECT_EQ(GrantsAmong(2, 9), 3);
}

TEST_F(PacingTest, EndOfOneWallIsSlowAlsoWhileAnotherStands) {
  Start(OneAccount(3));
  WallFor(1, absl::Hours(10), Scope::kKind, Kind::kMcp);
  WallFor(2, absl::Hours(1), Scope::kAccount, Kind::kCall);
  for (StreamId i = 3; i <= 9; ++i) AskHolding(i);
  Pass(absl::Hours(1));
  EXPECT_EQ(GrantsAmong(3, 9), 1);
}

TEST_F(PacingTest, CanaryThatMeetsTheWallAgainClosesItForAll) {
  Start(OneAccount(3));
  WallFor(1, absl::Hours(1), Scope::kAccount, Kind::kCall);
  for (StreamId i = 2; i <= 5; ++i) AskHolding(i);
  Pass(absl::Hours(1));
  const Lease canary = Look().leases.at(0);
  GiveBack(canary.client.stream, canary.id, Outcome::kWall, {.until = now_ + absl::Minutes(10)});
  Pass(absl::Minutes(10) - absl::Microseconds(1));
  EXPECT_EQ(GrantsAmong(2, 5), 1);
  Pass(absl::Microseconds(1));
  EXPECT_EQ(GrantsAmong(2, 5), 2);
}

TEST_F(PacingTest, WhatIsNestedIsNoStartOfItsOwnInASlowStart) {
  Start(OneAccount(1));
  WallFor(1, absl::Hours(1), Scope::kAccount, Kind::kCall);
  Pass(absl::Hours(1));
  Acquire child = Ask(3, "child");
  child.request.parent = Take(2, "canary");
  Do(child);
  EXPECT_EQ(Count<Granted>(3), 1);
}

TEST_F(PacingTest, ResumeStopsIt) {
  Start(OneAccount(4));
  GiveBack(1, Take(1, "a"), Outcome::kThrottle,
           {.upstream_code = "1303", .retry_after = absl::Milliseconds(1), .start_rate = true});
  EXPECT_EQ(Look().start_interval, absl::Milliseconds(500));
  Client admin = OnStream(9);
  admin.admin = true;
  Do(core::SetPaused{admin, "default", false, false});
  EXPECT_EQ(Look().start_interval, absl::ZeroDuration());
  Take(2, "b");
  Take(3, "c");
}

TEST_F(PacingTest, ReloadDoesNotBeginASlowStartAnew) {
  Start(OneAccount(3));
  WallFor(1, absl::Hours(1), Scope::kAccount, Kind::kCall);
  const std::vector<BlockSet> blocks = Records<BlockSet>();
  Pass(absl::Hours(2));
  Do(Cancel{OnStream(8), "nothing"});
  Effects effects;
  broker_->Reconfigure(OneAccount(3), {.blocks = blocks}, now_, effects);
  for (StreamId i = 2; i <= 4; ++i) AskHolding(i);
  Pass(absl::Seconds(6));
  Do(Ask(5, "e"));
  EXPECT_EQ(GrantsAmong(2, 4), 3);
}

// Else a slow start would be as long as the limit is when somebody comes.
TEST_F(PacingTest, EndOfAWallIsNoticedAlsoWhenNobodyWaits) {
  Start(OneAccount(3));
  WallFor(1, absl::Hours(1), Scope::kModel, Kind::kCall);
  EXPECT_EQ(broker_->NextDeadline(), now_ + absl::Hours(1));
  Pass(absl::Hours(1));
  EXPECT_GT(broker_->NextDeadline(), now_);
}

TEST_F(PacingTest, NewDaemonStartsSlowlyWhereAWallHasEndedWhileItsClientsWaitedForIt) {
  Start(OneAccount(3));
  WallFor(1, absl::Hours(1), Scope::kAccount, Kind::kCall);
  const std::vector<BlockSet> blocks = Records<BlockSet>();
  Pass(absl::Hours(1) + absl::Seconds(2));
  Start(OneAccount(3));
  broker_->Restore({.blocks = blocks}, now_);
  for (StreamId i = 2; i <= 4; ++i) AskHolding(i);
  EXPECT_EQ(GrantsAmong(2, 4), 1);
}

TEST_F(PacingTest, NewDaemonDoesNotStartSlowlyForAWallThatEndedLongAgo) {
  Start(OneAccount(3));
  WallFor(1, absl::Hours(1), Scope::kAccount, Kind::kCall);
  const std::vector<BlockSet> blocks = Records<BlockSet>();
  Pass(absl::Hours(5));
  Start(OneAccount(3));
  broker_->Restore({.blocks = blocks}, now_);
  for (StreamId i = 2; i <= 4; ++i) AskHolding(i);
  EXPECT_EQ(GrantsAmong(2, 4), 3);
}

}  // namespace
}  // namespace zbroker::core
