#include "daemon/rpc/translate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace zbroker::rpc {
namespace {

using ::testing::StartsWith;

const Now kNow = {.boot = BootTime::FromMicros(60'000'000), .wall = absl::FromUnixSeconds(1'000)};

core::Acquire CommandOf(v1::Acquire acquire) {
  acquire.set_ticket("t");
  const auto command = ToCommand(acquire, core::Client(), kNow);
  EXPECT_TRUE(command.ok()) << command.status();
  return command.ok() ? *command : core::Acquire();
}

TEST(ToCommandTest, PriorityThatIsNotGivenIsForTheRules) {
  EXPECT_FALSE(CommandOf({}).priority_given);
}

TEST(ToCommandTest, PriorityThatIsGivenStands) {
  v1::Acquire acquire;
  acquire.set_priority(v1::PRIORITY_NORMAL);
  EXPECT_TRUE(CommandOf(acquire).priority_given);
  EXPECT_EQ(CommandOf(acquire).request.priority, core::Priority::kNormal);
}

TEST(ToCommandTest, WhatTheClientSaysOfItself) {
  EXPECT_FALSE(CommandOf({}).background);
  EXPECT_FALSE(CommandOf({}).takes_throttles);
  v1::Acquire acquire;
  acquire.set_background(true);
  acquire.set_takes_throttles(true);
  EXPECT_TRUE(CommandOf(acquire).background);
  EXPECT_TRUE(CommandOf(acquire).takes_throttles);
  EXPECT_TRUE(CommandOf(acquire).reports) << "implied";
}

TEST(DescribeWaitTest, WindowHasRoomAtAnInstant) {
  const core::WaitState state = {
      .reason = core::WaitReason::kWindow, .window = "5h", .until = kNow.boot + absl::Seconds(30)};
  EXPECT_THAT(DescribeWait(state, kNow), StartsWith("window 5h has no room until "));
}

TEST(DescribeWaitTest, SpacedStartsHaveTheInstantOfTheNext) {
  const core::WaitState state = {.reason = core::WaitReason::kPacing,
                                 .until = kNow.boot + absl::Seconds(1)};
  EXPECT_THAT(DescribeWait(state, kNow),
              StartsWith("starts are spaced, as the upstream demanded; the next is at "));
}

TEST(DescribeWaitTest, WithoutAnInstantThereIsNone) {
  EXPECT_EQ(DescribeWait({.reason = core::WaitReason::kSlots, .slot_limit = 1}, kNow),
            "the only slot is taken");
}

}  // namespace
}  // namespace zbroker::rpc
