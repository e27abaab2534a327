#include "shims/agents/preflight.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/base/proto_time.h"

namespace zbroker::agents {
namespace {

using ::testing::HasSubstr;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

class PreflightTest : public ::testing::Test {
 protected:
  PreflightTest() {
    account_.mutable_slots()->set_limit(2);
    window_ = account_.add_windows();
    window_->set_name("5h");
    window_->set_unit("prompts");
    window_->set_limit(100);
    window_->set_enforce("hard");
    window_->set_prompt_charge(1);
  }

  v1::Preflight Ask(uint32_t prompts, uint32_t minutes = 0, const std::string& model = "") {
    v1::PreflightRequest request;
    request.set_prompts(prompts);
    request.set_minutes(minutes);
    request.set_model(model);
    return Judge(request, account_, experience_, kNow, absl::UTCTimeZone());
  }

  // Prompts that lead to one call each, whose requests take a minute.
  void Learn() {
    for (int i = 0; i < 20; ++i) {
      v1::LedgerRow row;
      row.set_kind(i % 2 == 0 ? v1::KIND_PROMPT : v1::KIND_CALL);
      row.set_outcome(v1::OUTCOME_OK);
      SetProtoTime(kNow, row.mutable_granted());
      SetProtoTime(kNow + absl::Minutes(1), row.mutable_closed());
      experience_.Add(row);
    }
  }

  v1::Block* AddBlock(v1::BlockReason reason, absl::Duration length) {
    v1::Block* const block = account_.add_blocks();
    block->set_reason(reason);
    SetProtoTime(kNow + length, block->mutable_until());
    return block;
  }

  v1::AccountStatus account_;
  v1::WindowStatus* window_;
  Experience experience_;
};

TEST_F(PreflightTest, WhatFitsExactlyMayGo) {
  window_->set_used(60);
  const v1::Preflight reply = Ask(40);
  EXPECT_EQ(reply.verdict(), "go");
  EXPECT_EQ(reply.prompts_that_fit(), 40u);
  EXPECT_THAT(reply.summary(), HasSubstr("GO."));
}

TEST_F(PreflightTest, OneMoreThanIsLeftWaitsForTheReset) {
  window_->set_used(60);
  SetProtoTime(kNow + absl::Hours(2), window_->mutable_reset());
  const v1::Preflight reply = Ask(41, 60);
  EXPECT_EQ(reply.verdict(), "wait");
  EXPECT_EQ(FromProtoTime(reply.until()), kNow + absl::Hours(2));
  EXPECT_EQ(reply.prompts_that_fit(), 40u);
  ASSERT_EQ(reply.cautions_size(), 1);
  EXPECT_THAT(reply.cautions(0), HasSubstr("after the 60 minutes"));
}

TEST_F(PreflightTest, OfARollingWindowNobodyKnowsWhenEnoughIsFree) {
  window_->set_used(100);
  SetProtoTime(kNow + absl::Minutes(5), window_->mutable_next_release());
  const v1::Preflight reply = Ask(10);
  EXPECT_EQ(reply.verdict(), "wait");
  EXPECT_EQ(FromProtoTime(reply.until()), kNow + absl::Minutes(5));
  EXPECT_THAT(reply.summary(), HasSubstr("ask again then"));
}

TEST_F(PreflightTest, MoreThanAWholeWindowIsTooMuch) {
  const v1::Preflight reply = Ask(101);
  EXPECT_EQ(reply.verdict(), "too_much");
  EXPECT_EQ(reply.prompts_that_fit(), 100u);
}

TEST_F(PreflightTest, AModelThatCostsMoreIsCountedAsThat) {
  window_->set_prompt_charge(3);
  EXPECT_EQ(Ask(34, 0, "glm-5").verdict(), "too_much");
  EXPECT_EQ(Ask(33, 0, "glm-5").verdict(), "go");
}

TEST_F(PreflightTest, CallsThatFollowAreCountedWhereTheyCost) {
  window_->set_unit("credits");
  window_->set_call_charge(1);
  Learn();
  EXPECT_EQ(Ask(50).verdict(), "go");
  EXPECT_EQ(Ask(51).verdict(), "too_much");
}

TEST_F(PreflightTest, WhatTheMeterCallsUsedUpHasNothingLeft) {
  window_->mutable_meter()->set_used_up(true);
  EXPECT_EQ(Ask(1).verdict(), "wait");
  EXPECT_EQ(Ask(1).prompts_that_fit(), 0u);
}

TEST_F(PreflightTest, WindowsThatOnlyCountOrAreOfOtherModelsDontMatter) {
  window_->set_used(100);
  EXPECT_EQ(Ask(1, 0, "glm-4.7").verdict(), "wait");
  window_->add_models("glm-5*");
  EXPECT_EQ(Ask(1, 0, "glm-4.7").verdict(), "go");
  EXPECT_EQ(Ask(1, 0, "glm-5.1").verdict(), "wait");
  window_->set_enforce("off");
  EXPECT_EQ(Ask(1, 0, "glm-5.1").verdict(), "go");
  EXPECT_FALSE(Ask(1, 0, "glm-5.1").has_prompts_that_fit());
}

TEST_F(PreflightTest, AWallWaitsForItsEnd) {
  AddBlock(v1::BLOCK_REASON_WALL, absl::Hours(1));
  const v1::Preflight reply = Ask(1);
  EXPECT_EQ(reply.verdict(), "wait");
  EXPECT_EQ(FromProtoTime(reply.until()), kNow + absl::Hours(1));
  EXPECT_EQ(reply.prompts_that_fit(), 0u);
}

TEST_F(PreflightTest, AWallOfAnotherModelDoesNotMatter) {
  AddBlock(v1::BLOCK_REASON_WALL, absl::Hours(1))->set_model("glm-5");
  EXPECT_EQ(Ask(1, 0, "glm-4.7").verdict(), "go");
  EXPECT_EQ(Ask(1, 0, "glm-5").verdict(), "wait");
}

TEST_F(PreflightTest, ACoolDownIsOnlyACaution) {
  AddBlock(v1::BLOCK_REASON_COOL_DOWN, absl::Seconds(3));
  const v1::Preflight reply = Ask(1);
  EXPECT_EQ(reply.verdict(), "go");
  EXPECT_EQ(reply.cautions_size(), 1);
}

TEST_F(PreflightTest, APauseWithoutEndWaitsForAPerson) {
  account_.mutable_blocked()->set_reason("paused");
  const v1::Preflight reply = Ask(1);
  EXPECT_EQ(reply.verdict(), "wait");
  EXPECT_FALSE(reply.has_until());
  EXPECT_THAT(reply.summary(), HasSubstr("tell the user"));
}

TEST_F(PreflightTest, WhatAllSlotsCannotDoInTheTimeIsTooMuch) {
  Learn();  // two minutes a prompt, two slots
  EXPECT_EQ(Ask(30, 30).verdict(), "go");
  const v1::Preflight reply = Ask(31, 30);
  EXPECT_EQ(reply.verdict(), "too_much");
  EXPECT_EQ(reply.prompts_that_fit(), 30u);
}

TEST_F(PreflightTest, AQueueLongerThanTheTimeWaits) {
  account_.mutable_slots()->set_waiting(9);
  SetProtoDuration(absl::Minutes(6), account_.mutable_expected_wait());
  EXPECT_EQ(Ask(1).verdict(), "go");
  EXPECT_EQ(Ask(1, 5).verdict(), "wait");
}

}  // namespace
}  // namespace zbroker::agents
