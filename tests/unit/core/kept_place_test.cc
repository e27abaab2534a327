// Whoever comes back has the place of before: by the ticket, to this daemon or to the next.
#include <limits>
#include <string>
#include <vector>

#include "tests/unit/core/harness.h"

namespace zbroker::core {
namespace {

using ::testing::ElementsAre;
using ::zbroker::testing::HasCode;

class KeptPlaceTest : public BrokerTest {};

TEST_F(KeptPlaceTest, SameTicketAgainOnAnotherStreamKeepsThePlace) {
  Start(OneAccount(1));
  const LeaseId first = Take(1, "a");
  Do(Ask(2, "b"));
  Do(Ask(3, "c"));
  Do(Ask(4, "b"));  // the client of "b" has reconnected
  GiveBack(1, first);
  EXPECT_EQ(Count<Granted>(4), 1);
  EXPECT_EQ(Count<Granted>(2), 0);
  EXPECT_EQ(Look().waiters.size(), 1u);
}

TEST_F(KeptPlaceTest, SameTicketAgainFindsTheLeaseItBecame) {
  Start(OneAccount(1));
  const LeaseId lease = Take(1, "a");
  Do(StreamClosed{1});
  Do(Ask(2, "a"));
  EXPECT_EQ(Last<Granted>(2).lease, lease);
  EXPECT_EQ(Look().leases.at(0).state, LeaseState::kHeld);
  EXPECT_EQ(Records<LeaseOpened>().size(), 1u);
}

TEST_F(KeptPlaceTest, TicketOfAnotherUserIsAnotherAcquire) {
  Start(OneAccount(2));
  const LeaseId ours = Take(1, "a");
  Acquire theirs = Ask(2, "a");
  theirs.client = OnStream(2, kUid + 1);
  Do(theirs);
  EXPECT_NE(Last<Granted>(2).lease, ours);
}

TEST_F(KeptPlaceTest, VanishedClientKeepsItsPlaceForFiveSeconds) {
  Start(OneAccount(1));
  const LeaseId first = Take(1, "a");
  Do(Ask(2, "b"));
  Do(Ask(3, "c"));
  Do(StreamClosed{2});
  Pass(PlaceTable::kKept - absl::Microseconds(1));
  Do(Ask(4, "b"));
  GiveBack(1, first);
  EXPECT_EQ(Count<Granted>(4), 1);
  EXPECT_EQ(Count<Granted>(3), 0);
}

TEST_F(KeptPlaceTest, VanishedClientLosesItsPlaceAfterFiveSeconds) {
  Start(OneAccount(1));
  const LeaseId first = Take(1, "a");
  Do(Ask(2, "b"));
  Do(Ask(3, "c"));
  Do(StreamClosed{2});
  Pass(PlaceTable::kKept);
  Do(Ask(4, "b"));
  GiveBack(1, first);
  EXPECT_EQ(Count<Granted>(3), 1);
}

TEST_F(KeptPlaceTest, PlaceOfAVanishedClientDoesNotHoldUpOthers) {
  Start(OneAccount(1));
  const LeaseId first = Take(1, "a");
  Do(Ask(2, "b"));
  Do(Ask(3, "c"));
  Do(StreamClosed{2});
  GiveBack(1, first);
  EXPECT_EQ(Count<Granted>(3), 1);
}

TEST_F(KeptPlaceTest, KeptPlacesCountWithTheQueueAndHaveOneBound) {
  BrokerConfig config = OneAccount(1);
  config.queue_max = 10;
  Start(config);
  Take(1, "held");
  for (int i = 0; i < 1'000; ++i) {
    Do(Ask(2, absl::StrCat("t", i)));
    Do(Cancel{OnStream(2), absl::StrCat("t", i), /*keep_place=*/true});
  }
  EXPECT_EQ(Look().waiters.size(), 10u);
  EXPECT_THAT(Last<Refused>(2).status, HasCode(absl::StatusCode::kResourceExhausted));
  for (int i = 0; i < 10; ++i) Do(Ask(3, absl::StrCat("t", i)));
  EXPECT_EQ(Count<Refused>(3), 0) << "who has a place has room";
  EXPECT_EQ(Look().waiters.size(), 10u);
  Pass(absl::Seconds(5));
  EXPECT_EQ(Look().waiters.size(), 10u);
}

TEST_F(KeptPlaceTest, PlacesOfAllAccountsHaveOneBound) {
  Start(OneAccount(1));
  Take(1, "held");
  const int more = static_cast<int>(PlaceTable::kMax) + 10;
  for (int i = 0; i < more; ++i) {
    Do(Ask(2, absl::StrCat("t", i)));
    Do(Cancel{OnStream(2), absl::StrCat("t", i), /*keep_place=*/true});
  }
  EXPECT_EQ(Look().waiters.size(), PlaceTable::kMax);
}

TEST_F(KeptPlaceTest, ArrivalOfBeforeARestartIsBelievedForADayAtMost) {
  Start(OneAccount(1));
  broker_->Restore({}, now_);
  Acquire held = Ask(1, "held");
  held.arrival = BootTime::FromMicros(std::numeric_limits<int64_t>::min());
  Do(held);
  EXPECT_EQ(Last<Granted>(1).waited, Broker::kArrivalOldest);
  Acquire future = Ask(2, "future");
  future.arrival = BootTime::FromMicros(std::numeric_limits<int64_t>::max());
  Do(future);
  EXPECT_EQ(Last<Queued>(2).arrival, now_);
}

TEST_F(KeptPlaceTest, SessionsThatComeBackAfterARestartKeepTheirOrder) {
  Start(OneAccount(1));
  broker_->Restore({}, now_);
  const BootTime first_came = now_ - absl::Seconds(3);
  Take(1, "held");
  for (const int session : {4, 2, 3}) {
    Pass(absl::Milliseconds(30));
    Acquire back = Ask(static_cast<StreamId>(session), absl::StrCat("t", session));
    back.request.session = absl::StrCat("s", session);
    back.arrival = first_came + absl::Milliseconds(300) * session;
    Do(back);
  }
  EXPECT_EQ(Last<Queued>(2).state.position, 1u);
  std::vector<std::string> order;
  for (const WaiterSnapshot& one : Look().waiters) order.push_back(one.waiter.request.ticket);
  EXPECT_THAT(order, ElementsAre("t2", "t3", "t4"));
}

TEST_F(KeptPlaceTest, CancelThatKeepsThePlaceIsNotAnsweredAndTheTicketComesBackToIt) {
  Start(OneAccount(1));
  const LeaseId lease = Take(1, "held");
  Do(Ask(2, "first"));
  Do(Ask(3, "second"));
  Do(Cancel{OnStream(2), "first", /*keep_place=*/true});
  EXPECT_EQ(Count<Refused>(2), 0);
  Pass(absl::Seconds(4));
  Do(Ask(4, "first"));
  GiveBack(1, lease);
  EXPECT_EQ(Count<Granted>(4), 1);
  EXPECT_EQ(Count<Granted>(3), 0);
}

TEST_F(KeptPlaceTest, PlaceThatIsKeptHoldsUpNobodyAndIsGivenUpAfterFiveSeconds) {
  Start(OneAccount(1));
  const LeaseId lease = Take(1, "held");
  Do(Ask(2, "first"));
  Do(Ask(3, "second"));
  Do(Cancel{OnStream(2), "first", /*keep_place=*/true});
  GiveBack(1, lease);
  EXPECT_EQ(Count<Granted>(3), 1);
  Pass(absl::Seconds(6));
  Do(Ask(5, "third"));
  Do(Ask(4, "first"));
  GiveBack(3, Last<Granted>(3).lease);
  EXPECT_EQ(Count<Granted>(5), 1);
  EXPECT_EQ(Count<Granted>(4), 0);
}

}  // namespace
}  // namespace zbroker::core
