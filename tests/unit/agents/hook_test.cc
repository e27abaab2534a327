#include "shims/agents/hook.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "client/base/proto_time.h"

namespace zbroker::agents {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const absl::Time kToday =
    absl::FromCivil(absl::CivilMinute(2026, 3, 1, 12, 14), absl::UTCTimeZone());

class HookTest : public ::testing::Test {
 protected:
  HookTest() {
    SetProtoTime(kToday, status_.mutable_now());
    account_->set_name("default");
    account_->mutable_slots()->set_limit(3);
    SetProtoDuration(absl::ZeroDuration(), account_->mutable_expected_wait());
  }
  std::string Why(const std::string& account = "") const {
    return WhyNotNow(status_, account, absl::Minutes(1), absl::UTCTimeZone());
  }
  v1::Block& AddBlock(v1::BlockReason reason, absl::Duration left) {
    v1::Block& block = *account_->add_blocks();
    block.set_reason(reason);
    SetProtoTime(kToday + left, block.mutable_until());
    return block;
  }
  void SetQueue(uint32_t waiting, absl::Duration wait) {
    account_->mutable_slots()->set_waiting(waiting);
    SetProtoDuration(wait, account_->mutable_expected_wait());
  }

  v1::Status status_;
  v1::AccountStatus* const account_ = status_.add_accounts();
};

TEST_F(HookTest, ASubAgentMayStartWhereNothingIsInTheWay) { EXPECT_EQ(Why(), ""); }

TEST_F(HookTest, WhileAWallStandsNoneIsAndTheModelIsToldUntilWhen) {
  AddBlock(v1::BLOCK_REASON_WALL, absl::Minutes(111)).set_detail("Usage limit reached");
  EXPECT_THAT(
      Why(), AllOf(StartsWith("zbroker: start no sub-agent now."), HasSubstr("Usage limit reached"),
                   HasSubstr("Try again at 14:05 (in 1h51m)")));
}

TEST_F(HookTest, WhatEndsWhenSomebodyActsHasNoTime) {
  account_->mutable_blocked()->set_reason("paused");
  EXPECT_THAT(Why(), AllOf(HasSubstr("paused"), HasSubstr("Nobody knows for how long"),
                           Not(HasSubstr("Try again"))));
}

TEST_F(HookTest, WallsOfOneModelOrOfToolsKeepNobodyBack) {
  AddBlock(v1::BLOCK_REASON_WALL, absl::Hours(1)).set_model("glm-5");
  AddBlock(v1::BLOCK_REASON_WALL, absl::Hours(1)).set_kind(v1::KIND_MCP);
  EXPECT_EQ(Why(), "");
}

TEST_F(HookTest, WhatPassesInSecondsKeepsNobodyBack) {
  AddBlock(v1::BLOCK_REASON_COOL_DOWN, absl::Seconds(5));
  AddBlock(v1::BLOCK_REASON_OVERLOAD, absl::Seconds(5)).set_model("glm-5");
  EXPECT_EQ(Why(), "");
}

TEST_F(HookTest, WhileAWindowIsUsedUpNoneIs) {
  v1::WindowStatus& window = *account_->add_windows();
  window.set_name("5h");
  window.set_unit("prompts");
  window.set_limit(10);
  window.set_used(10);
  window.set_exhausted(true);
  window.set_enforce("hard");
  SetProtoTime(kToday + absl::Hours(2), window.mutable_reset());
  EXPECT_THAT(Why(), AllOf(HasSubstr("window 5h is used up"), HasSubstr("14:14 (in 2h)")));
  window.set_enforce("off");
  EXPECT_EQ(Why(), "");
}

TEST_F(HookTest, BehindALongQueueNoneIs) {
  SetQueue(12, absl::Minutes(1));
  EXPECT_EQ(Why(), "");
  SetQueue(12, absl::Minutes(5));
  EXPECT_THAT(Why(), AllOf(HasSubstr("12 requests wait already"), HasSubstr("about 5m"),
                           HasSubstr("12:19 (in 5m)")));
}

TEST_F(HookTest, AQueueOfWhichNobodyKnowsIsLongByItsNumber) {
  account_->clear_expected_wait();
  account_->mutable_slots()->set_waiting(8);
  EXPECT_EQ(Why(), "");
  account_->mutable_slots()->set_waiting(9);
  EXPECT_THAT(Why(), HasSubstr("9 requests wait already for 3 slots"));
  account_->mutable_slots()->set_limit(0);
  EXPECT_THAT(Why(), HasSubstr("1 slot"));
}

TEST_F(HookTest, OnlyTheAccountThatIsAskedForCounts) {
  v1::AccountStatus& other = *status_.add_accounts();
  other.set_name("other");
  other.mutable_blocked()->set_reason("paused");
  EXPECT_EQ(Why(), "");
  EXPECT_THAT(Why("other"), HasSubstr("paused"));
  EXPECT_EQ(Why("none"), "");
}

TEST(StartsSubAgentTest, OnlyTheToolsThatDoSoCount) {
  for (const char* tool : {"Task", "Agent"}) {
    EXPECT_TRUE(StartsSubAgent(std::string(R"({"session_id":"s","hook_event_name":"PreToolUse",)"
                                           R"("tool_input":{"prompt":"x"},"tool_name":")") +
                               tool + "\"}\n"));
  }
  for (const char* input :
       {R"({"hook_event_name":"PreToolUse","tool_name":"TaskOutput"})",
        R"({"hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{"tool_name":"Task"}})",
        R"({"hook_event_name":"PostToolUse","tool_name":"Task"})", R"({"tool_name":"Task"})",
        R"({"hook_event_name":"PreToolUse","tool_name":["Task"]})", "", " ", "[]", "7", "{half"}) {
    EXPECT_FALSE(StartsSubAgent(input)) << input;
  }
  EXPECT_FALSE(StartsSubAgent(std::string(100'000, '[')));
  EXPECT_FALSE(StartsSubAgent(std::string("{\"hook_event_name\":\"PreToolUse\xff\"}")));
}

TEST(DenialTest, IsAsClaudeCodeReadsIt) {
  // The order of members is nobody's.
  EXPECT_THAT(DenialOf("a \"b\"\n"),
              AllOf(StartsWith(R"({"hookSpecificOutput":{")"), ::testing::EndsWith("}}"),
                    HasSubstr(R"("hookEventName":"PreToolUse")"),
                    HasSubstr(R"("permissionDecision":"deny")"),
                    HasSubstr(R"("permissionDecisionReason":"a \"b\"\n")")));
}

}  // namespace
}  // namespace zbroker::agents
