// Sessions with those that they have started.
#include "daemon/core/trees.h"

#include "tests/unit/core/harness.h"

namespace zbroker::core {
namespace {

using ::testing::HasSubstr;

TEST(TreesTest, SessionIsOfTheTreeOfWhomHasStartedIt) {
  Trees trees;
  EXPECT_EQ(trees.Find({1, "a"}, ""), "a");
  EXPECT_EQ(trees.Find({1, "b"}, "a"), "a");
  trees.Remember({1, "b"}, "a");
  trees.Remember({1, "c"}, "b");
  EXPECT_EQ(trees.Find({1, "b"}, ""), "a");
  EXPECT_EQ(trees.Find({1, "c"}, ""), "a");
  EXPECT_EQ(trees.Find({1, "d"}, "c"), "a");
}

TEST(TreesTest, WhoSaysThatItHasStartedItselfIsATreeOfItsOwn) {
  Trees trees;
  trees.Remember({1, "a"}, "a");
  EXPECT_EQ(trees.Find({1, "a"}, ""), "a");
  trees.Remember({1, "b"}, "a");
  trees.Remember({1, "a"}, "b");
  EXPECT_EQ(trees.Find({1, "a"}, ""), "a");
  EXPECT_EQ(trees.Find({1, "b"}, ""), "a");
}

TEST(TreesTest, ThousandsAreForgottenOldestFirst) {
  Trees trees;
  for (size_t i = 0; i <= Trees::kSessionsMax; ++i)
    trees.Remember({1, absl::StrCat("s", i)}, "root");
  EXPECT_EQ(trees.Find({1, "s0"}, ""), "s0");
  EXPECT_EQ(trees.Find({1, "s1"}, ""), "root");
}

TEST(TreesTest, SessionsOfUsersAreApart) {
  Trees trees;
  trees.Remember({1, "b"}, "a");
  EXPECT_EQ(trees.Find({2, "b"}, ""), "b");
  trees.Enter({1, "a"});
  EXPECT_EQ(trees.SizeOf({1, "a"}), 1u);
  EXPECT_EQ(trees.SizeOf({2, "a"}), 0u);
}

class FanOutTest : public BrokerTest {
 protected:
  void SetUp() override {
    BrokerConfig config = OneAccount(2);
    config.accounts[0].slots.per_tree = 3;
    Start(config);
  }
  void AskOf(StreamId stream, const std::string& session, const std::string& parent_session = "",
             LeaseId parent = 0) {
    Acquire acquire = Ask(stream, absl::StrCat("t", stream));
    acquire.request.session = session;
    acquire.parent_session = parent_session;
    acquire.request.parent = parent;
    Do(acquire);
  }
  bool IsRefused(StreamId stream) { return Count<Refused>(stream) > 0; }
};

TEST_F(FanOutTest, TreeThatAsksForTooMuchAtOnceIsToldSoAndOthersAreServed) {
  AskOf(1, "root");
  AskOf(2, "agent-1", "root");
  AskOf(3, "agent-2", "agent-1");
  AskOf(4, "agent-3", "root");
  EXPECT_FALSE(IsRefused(3));
  ASSERT_TRUE(IsRefused(4));
  EXPECT_THAT(
      Last<Refused>(4).status,
      zbroker::testing::Fails(absl::StatusCode::kResourceExhausted,
                              HasSubstr("session root, with those that it has started, has 2 "
                                        "requests in flight and 1 waiting, the most that it may "
                                        "have (3): do fewer things at once")));
  AskOf(5, "somebody else");
  EXPECT_FALSE(IsRefused(5));
}

TEST_F(FanOutTest, EachEndMakesRoom) {
  AskOf(1, "root");
  AskOf(2, "root");
  AskOf(3, "root");
  GiveBack(1, Last<Granted>(1).lease);
  AskOf(4, "root");
  EXPECT_FALSE(IsRefused(4));
  Do(Cancel{OnStream(4), "t4"});
  AskOf(5, "root");
  EXPECT_FALSE(IsRefused(5));
}

TEST_F(FanOutTest, WhatRunsBelowALeaseIsOfItsTree) {
  AskOf(1, "root");
  const LeaseId parent = Last<Granted>(1).lease;
  AskOf(2, "below-1", "", parent);
  AskOf(3, "below-2", "", Last<Granted>(2).lease);
  AskOf(4, "below-3", "", parent);
  EXPECT_TRUE(IsRefused(4));
}

TEST_F(FanOutTest, NobodyTakesAnothersRoom) {
  AskOf(1, "root");
  const LeaseId parent = Last<Granted>(1).lease;
  for (StreamId i = 2; i <= 4; ++i) {
    Acquire acquire = Ask(i, absl::StrCat("t", i));
    acquire.client = OnStream(i, kUid + 1);
    acquire.request.session = "root";
    acquire.request.parent = parent;
    acquire.parent_session = "root";
    Do(acquire);
    EXPECT_FALSE(IsRefused(i));
  }
  AskOf(5, "root");
  EXPECT_FALSE(IsRefused(5));
}

TEST_F(FanOutTest, WhoComesBackAfterAThrottleHasItsPlace) {
  for (StreamId i = 1; i <= 3; ++i) AskOf(i, "root");
  GiveBack(1, Last<Granted>(1).lease, Outcome::kThrottle);
  AskOf(4, "root");
  AskOf(1, "root");
  EXPECT_FALSE(IsRefused(1));
}

TEST_F(FanOutTest, LeasesOfAFormerDaemonCountToo) {
  Recovered recovered;
  AskOf(1, "root");
  AskOf(2, "root");
  recovered.last_lease = 2;
  for (const LeaseOpened& opened : Records<LeaseOpened>()) {
    recovered.leases.push_back({opened, true});
  }
  SetUp();
  broker_->Restore(recovered, now_);
  AskOf(3, "root");
  AskOf(4, "root");
  EXPECT_FALSE(IsRefused(3));
  EXPECT_TRUE(IsRefused(4));
}

}  // namespace
}  // namespace zbroker::core
