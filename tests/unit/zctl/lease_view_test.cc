#include "client/zctl/lease_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/unit/zctl/message.h"

namespace zbroker::zctl {
namespace {

// Held for a minute at noon.
v1::LeaseInfo Lease(const std::string& more) {
  return Parse<v1::LeaseInfo>(
      absl::StrCat("granted { seconds: ", kNoon - 60, " } held { seconds: 60 } ", more));
}

std::string Until(int seconds) { return absl::StrCat(" until { seconds: ", kNoon + seconds, " }"); }

TEST(LeaseStateTest, Held) {
  EXPECT_EQ(LeaseStateCell(Lease("state: LEASE_STATE_HELD")).text, "held");
}

TEST(LeaseStateTest, HeldForATimeToLive) {
  EXPECT_EQ(LeaseStateCell(Lease("state: LEASE_STATE_HELD" + Until(45))).text, "held, ends in 45s");
}

TEST(LeaseStateTest, NestedHasItsHostsSlot) {
  EXPECT_EQ(LeaseStateCell(Lease("state: LEASE_STATE_HELD host_lease_id: 41")).text,
            "in the slot of 41");
}

TEST(LeaseStateTest, ShadowHasNoSlot) {
  EXPECT_EQ(LeaseStateCell(Lease("state: LEASE_STATE_HELD shadow: true")).text, "shadow, no slot");
}

TEST(LeaseStateTest, Trial) {
  EXPECT_EQ(LeaseStateCell(Lease("state: LEASE_STATE_HELD trial: true")).text, "held, as a trial");
}

TEST(LeaseStateTest, CommandThatOutlivesItsHolder) {
  EXPECT_EQ(
      LeaseStateCell(Lease("state: LEASE_STATE_QUARANTINED command_runs: true" + Until(590))).text,
      "its command still runs, free at the latest in 9m50s");
}

TEST(LeaseStateTest, Stopped) {
  EXPECT_EQ(LeaseStateCell(Lease("state: LEASE_STATE_HELD holder { stopped: true }")).text,
            "stopped (Ctrl-Z)");
}

TEST(LeaseStateTest, Orphaned) {
  EXPECT_EQ(LeaseStateCell(Lease("state: LEASE_STATE_ORPHANED" + Until(8))).text,
            "orphaned, lost in 8.0s");
}

TEST(LeaseStateTest, Quarantined) {
  EXPECT_EQ(LeaseStateCell(Lease("state: LEASE_STATE_QUARANTINED" + Until(1))).text,
            "quarantined, free in 1.0s");
}

TEST(LeaseStateTest, UntilAnInstantThatIsUnknown) {
  EXPECT_EQ(LeaseStateCell(Lease("state: LEASE_STATE_ORPHANED")).text, "orphaned");
  EXPECT_EQ(LeaseStateCell(Lease("state: LEASE_STATE_ORPHANED holder { stopped: true }")).text,
            "stopped (Ctrl-Z)");
}

v1::LeaseList TwoLeases() {
  v1::LeaseList list;
  *list.add_leases() = Lease(
      "lease_id: 41 account: 'default' model: 'glm-4.6' kind: KIND_PROMPT weight: 1 "
      "priority: PRIORITY_NORMAL session: 'ci' holder { pid: 9 program: 'claude' } "
      "state: LEASE_STATE_HELD");
  *list.add_leases() = Lease(
      "lease_id: 42 account: 'default' model: 'glm-4.6' kind: KIND_CALL weight: 1 "
      "priority: PRIORITY_NORMAL session: 'ci' holder { pid: 10 program: 'node' } "
      "parent_lease_id: 41 state: LEASE_STATE_HELD");
  return list;
}

TEST(LeaseViewTest, NoLeases) { EXPECT_EQ(RenderLeases({}, Plain()), "no leases\n"); }

TEST(LeaseViewTest, SaysThroughWhomAProgramAsks) {
  v1::LeaseList list = TwoLeases();
  list.mutable_leases(0)->mutable_holder()->set_via("claude");
  list.mutable_leases(1)->mutable_holder()->set_via("gateway");
  const std::string text = RenderLeases(list, Plain());
  EXPECT_THAT(text, ::testing::ContainsRegex("claude +9 "));
  EXPECT_THAT(text, ::testing::ContainsRegex("node via gateway +10 "));
}

TEST(LeaseViewTest, LeavesOutWhatIsTheSameForAll) {
  EXPECT_EQ(RenderLeases(TwoLeases(), Plain()),
            "LEASE  PROGRAM  PID  SESSION  MODEL    KIND    PARENT  SINCE     FOR  STATE\n"
            "   41  claude     9  ci       glm-4.6  prompt          11:59:00   1m  held\n"
            "   42  node      10  ci       glm-4.6  call        41  11:59:00   1m  held\n");
}

TEST(LeaseViewTest, ShowsAccountsWhenThereAreSeveral) {
  v1::LeaseList list = TwoLeases();
  list.mutable_leases(1)->set_account("work");
  EXPECT_NE(RenderLeases(list, Plain()).find("ACCOUNT"), std::string::npos);
}

TEST(LeaseViewTest, LongSessionPushesNothingOffTheScreen) {
  v1::LeaseList list = TwoLeases();
  list.mutable_leases(0)->set_session(std::string(256, 'x'));
  const std::string text = RenderLeases(list, Plain());
  EXPECT_NE(text.find(std::string(39, 'x') + "…  glm-4.6"), std::string::npos) << text;
}

TEST(LeaseViewTest, OtherUsersLeaseShowsItsUser) {
  v1::LeaseList list;
  *list.add_leases() = Lease("lease_id: 7 holder { uid: 1001 } state: LEASE_STATE_HELD");
  EXPECT_EQ(RenderLeases(list, Plain()),
            "LEASE  PROGRAM    SINCE     FOR  STATE\n"
            "    7  user 1001  11:59:00   1m  held\n");
}

}  // namespace
}  // namespace zbroker::zctl
