#include "shims/agents/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "client/base/proto_time.h"

namespace zbroker::agents {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const absl::Time kAtEight = absl::FromUnixSeconds(1'800'000'000);  // 08:00

v1::Gate MakeGate(const std::string& name, const std::string& detail) {
  v1::Gate gate;
  gate.set_name(name);
  gate.set_applies(true);
  gate.set_detail(detail);
  return gate;
}

class ExplainTest : public ::testing::Test {
 protected:
  ExplainTest() { SetProtoTime(kAtEight, explanation_.mutable_now()); }

  v1::Why Explain() const { return MakeWhy(explanation_, absl::UTCTimeZone()); }

  v1::WaiterExplanation& AddWaiter() {
    v1::WaiterExplanation& one = *explanation_.add_waiters();
    one.mutable_waiter()->set_account("default");
    one.mutable_waiter()->set_session("s1");
    one.mutable_waiter()->mutable_holder()->set_program("claude");
    SetProtoDuration(absl::Minutes(2), one.mutable_waiter()->mutable_waited());
    return one;
  }

  v1::Explanation explanation_;
};

TEST_F(ExplainTest, OfAWaiterOnlyWhatIsShutIsToldAndFirstWhatItWaitsFor) {
  explanation_.set_verdict("every slot is taken");
  v1::WaiterExplanation& one = AddWaiter();
  one.set_before(2);
  *one.add_gates() = MakeGate("slots", "every slot is taken");
  *one.add_gates() = MakeGate("window", "window 5h has no room");
  one.mutable_gates(1)->set_binds(true);
  one.mutable_gates(1)->set_opens("`zctl limit`");
  SetProtoTime(kAtEight + absl::Minutes(111), one.mutable_gates(1)->mutable_until());
  *one.add_gates() = MakeGate("pause", "nobody paused it");
  one.mutable_gates(2)->set_passed(true);
  const v1::Why why = Explain();
  EXPECT_EQ(why.summary(),
            "Every slot is taken.\n"
            "A request of claude, session s1, has waited 2m in account default; 2 go before it.\n"
            "- Window 5h has no room. What ends it: at 09:51 (in 1h51m); `zctl limit`.\n"
            "- Every slot is taken.\n"
            "It is 2027-01-15 08:00.");
  ASSERT_EQ(why.waiters(0).hindrances_size(), 2);
  EXPECT_EQ(why.waiters(0).hindrances(0).what(), "window");
}

TEST_F(ExplainTest, AnAccountSaysWhatKeepsThoseWhoWaitAndWhatANewRequestWouldFind) {
  v1::AccountExplanation& account = *explanation_.add_accounts();
  account.set_account("default");
  account.set_verdict("2 requests wait: every slot is taken");
  explanation_.set_verdict(account.verdict());
  account.set_in_flight(3);
  account.set_limit(3);
  account.set_waiting(2);
  SetProtoDuration(absl::Seconds(12), account.mutable_expected_wait());
  v1::Kept& kept = *account.add_kept();
  kept.set_waiters(2);
  *kept.mutable_gate() = MakeGate("slots", "every slot is taken");
  *account.add_gates() = MakeGate("order", "2 waiters go before it");
  const v1::Why why = Explain();
  EXPECT_EQ(why.summary(),
            "Account default: 2 requests wait: every slot is taken.\n"
            "3 of 3 slots are taken, 2 requests wait; a new request would wait for about 12s.\n"
            "- 2 wait: Every slot is taken.\n"
            "- A new request finds: 2 waiters go before it.\n"
            "It is 2027-01-15 08:00.");
  EXPECT_EQ(why.accounts(0).kept(0).waiters(), 2u);
}

TEST_F(ExplainTest, WhatDoesNotConcernAWaiterIsNoHindrance) {
  AddWaiter();
  *explanation_.mutable_waiters(0)->add_gates() = MakeGate("nesting", "not under a lease");
  explanation_.mutable_waiters(0)->mutable_gates(0)->set_applies(false);
  EXPECT_EQ(Explain().waiters(0).hindrances_size(), 0);
}

TEST_F(ExplainTest, ALeaseIsItsVerdict) {
  explanation_.set_verdict("lease 7 was granted 4s ago, and is held");
  explanation_.mutable_lease()->set_lease_id(7);
  EXPECT_EQ(Explain().summary(),
            "Lease 7 was granted 4s ago, and is held.\nIt is 2027-01-15 08:00.");
}

TEST_F(ExplainTest, ALedgerThatFailsIsSaidBeforeAllElse) {
  explanation_.set_ledger_error("disk full");
  explanation_.set_verdict("nothing is granted: disk full");
  explanation_.add_accounts()->set_verdict("nothing waits");
  EXPECT_THAT(Explain().summary(), ::testing::StartsWith("Nothing is granted: disk full.\n"));
}

TEST_F(ExplainTest, WhatOthersWroteIsFitToBeShown) {
  AddWaiter().mutable_waiter()->set_session("a\x1b[31m");
  const v1::Why why = Explain();
  EXPECT_THAT(why.summary(), AllOf(HasSubstr("a\\x1b[31m"), Not(HasSubstr("\x1b"))));
}

}  // namespace
}  // namespace zbroker::agents
