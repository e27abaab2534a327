// What explain says binds is what keeps a waiter: mend that and nothing else, and it is granted.
#include <algorithm>
#include <string>

#include "daemon/core/explanation.h"
#include "tests/unit/core/harness.h"

namespace zbroker::core {
namespace {

using ::testing::HasSubstr;

class ExplainTest : public BrokerTest {
 protected:
  Explanation Explain(const std::string& what = "") {
    auto explained = broker_->Explain({.what = what, .all_users = true}, now_);
    EXPECT_OK(explained);
    return explained.ok() ? *explained : Explanation();
  }
  WaiterExplanation ExplainOne(const std::string& what) {
    const Explanation explained = Explain(what);
    EXPECT_EQ(explained.waiters.size(), 1u);
    return explained.waiters.empty() ? WaiterExplanation() : explained.waiters[0];
  }
  static const GateState& GateOf(const WaiterExplanation& one, GateName name) {
    return *std::ranges::find(one.gates, name, &GateState::name);
  }
  static std::string Binding(const WaiterExplanation& one) {
    std::string names;
    for (const GateState& gate : one.gates) {
      if (gate.binds) names += std::string(Name(gate.name));
    }
    return names;
  }
};

TEST_F(ExplainTest, EveryGateIsNamedOnceInOrder) {
  Start(OneAccount(1));
  Take(1, "a");
  Do(Ask(2, "b"));
  const WaiterExplanation one = ExplainOne("b");
  ASSERT_EQ(one.gates.size(), kGateNames);
  for (size_t i = 0; i < kGateNames; ++i) EXPECT_EQ(one.gates[i].name, static_cast<GateName>(i));
}

TEST_F(ExplainTest, SlotsBindAndTheLeasesThatHoldThemAreNamed) {
  Start(OneAccount(1));
  const LeaseId held = Take(1, "a");
  Do(Ask(2, "b"));
  Do(Ask(3, "c"));
  const WaiterExplanation one = ExplainOne("c");
  EXPECT_EQ(Binding(one), "slots");
  EXPECT_EQ(GateOf(one, GateName::kSlots).opens, absl::StrCat("the end of lease ", held));
  EXPECT_EQ(one.before, 1u);
  EXPECT_EQ(one.first_before[0].waiter.request.ticket, "b");
  EXPECT_FALSE(GateOf(one, GateName::kOrder).passed);
  GiveBack(1, held);
  EXPECT_EQ(Last<Granted>(2).ticket, "b");
}

TEST_F(ExplainTest, APauseBindsBeforeSlots) {
  Start(OneAccount(1));
  Take(1, "a");
  Client admin = OnStream(9);
  admin.admin = true;
  Do(SetPaused{.client = admin, .paused = true});
  Do(Ask(2, "b"));
  const WaiterExplanation one = ExplainOne("b");
  EXPECT_EQ(Binding(one), "pause");
  EXPECT_FALSE(GateOf(one, GateName::kSlots).passed);
  EXPECT_EQ(GateOf(one, GateName::kPause).opens, "`zctl resume`");
}

TEST_F(ExplainTest, WaitersThatOthersKeepDoNotGoBefore) {
  BrokerConfig config = OneAccount(2);
  config.accounts[0].slots.learn = false;
  config.accounts[0].pools = {{.models = {"small"}, .limit = 1}};
  Start(config);
  Do(AskFor(1, "s1", "small"));
  Do(Ask(2, "a"));
  Do(AskFor(3, "s2", "small"));  // its pool is full: it holds up nobody
  Do(Ask(4, "b"));
  const WaiterExplanation one = ExplainOne("b");
  EXPECT_EQ(Binding(one), "slots");
  EXPECT_EQ(one.before, 0u);
  const WaiterExplanation pooled = ExplainOne("s2");
  EXPECT_EQ(Binding(pooled), "pool");
}

TEST_F(ExplainTest, AWindowSaysWhenThereIsRoom) {
  Start(OneAccount(3, {{.name = "5h", .length = absl::Hours(5), .limit = Units(1)}}));
  GiveBack(1, Take(1, "a", Kind::kPrompt));
  Do(Ask(2, "b", Kind::kPrompt));
  const WaiterExplanation one = ExplainOne("b");
  EXPECT_EQ(Binding(one), "window");
  ASSERT_TRUE(GateOf(one, GateName::kWindow).until.has_value());
  const BootTime until = *GateOf(one, GateName::kWindow).until;
  Pass(until - now_);
  EXPECT_EQ(Last<Granted>(2).ticket, "b");
}

TEST_F(ExplainTest, AReservedSlotIsNamed) {
  BrokerConfig config = OneAccount(2);
  config.accounts[0].slots.reserve_interactive = 1;
  Start(config);
  Take(1, "a");
  Do(Ask(2, "b"));
  EXPECT_EQ(Binding(ExplainOne("b")), "reserve");
  // A new request would find the same, so it is not said to be granted at once.
  EXPECT_NE(Look().wait, absl::ZeroDuration());
}

TEST_F(ExplainTest, ANestedRequestWaitsForItsHostsGuest) {
  Start(OneAccount(1));
  const LeaseId host = Take(1, "host");
  Acquire first = Ask(2, "first");
  first.request.parent = host;
  Do(first);
  Acquire second = Ask(3, "second");
  second.request.parent = host;
  Do(second);
  const WaiterExplanation one = ExplainOne("second");
  EXPECT_EQ(Binding(one), "slots");
  const GateState& nesting = GateOf(one, GateName::kNesting);
  EXPECT_FALSE(nesting.passed);
  EXPECT_THAT(nesting.opens, HasSubstr(absl::StrCat(Last<Granted>(2).lease)));
}

TEST_F(ExplainTest, AFreeAccountKeepsANewRequestWithNothing) {
  Start(OneAccount(1));
  const Explanation all = Explain();
  ASSERT_EQ(all.accounts.size(), 1u);
  for (const GateState& gate : all.accounts[0].newcomer.gates) {
    EXPECT_TRUE(gate.passed || !gate.applies) << Name(gate.name);
    EXPECT_FALSE(gate.binds) << Name(gate.name);
  }
}

TEST_F(ExplainTest, WithoutAQuestionItSaysWhatKeepsHowMany) {
  Start(OneAccount(1));
  Take(1, "a");
  Do(Ask(2, "b"));
  Do(Ask(3, "c"));
  const Explanation all = Explain();
  ASSERT_EQ(all.accounts.size(), 1u);
  ASSERT_EQ(all.accounts[0].kept.size(), 1u);
  EXPECT_EQ(all.accounts[0].kept[0].waiters, 2u);
  EXPECT_EQ(all.accounts[0].kept[0].gate.name, GateName::kSlots);
  EXPECT_EQ(all.accounts[0].first->waiter.waiter.request.ticket, "b");
}

TEST_F(ExplainTest, AnotherUsersWaiterIsNotNamed) {
  Start(OneAccount(1));
  Take(1, "a");
  Do(Ask(2, "b"));
  const auto stranger = broker_->Explain({.what = "b", .uid = kUid + 1}, now_);
  ASSERT_OK(stranger);
  EXPECT_TRUE(stranger->waiters.empty());
  const auto owner = broker_->Explain({.what = "b", .uid = kUid}, now_);
  ASSERT_OK(owner);
  EXPECT_EQ(owner->waiters.size(), 1u);
  EXPECT_FALSE(broker_->Explain({.account = "no such"}, now_).ok());
}

}  // namespace
}  // namespace zbroker::core
