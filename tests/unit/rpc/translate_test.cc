#include "daemon/rpc/translate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace zbroker::rpc {
namespace {

using ::testing::StartsWith;

constexpr int64_t kLargest = std::numeric_limits<int64_t>::max();
constexpr int64_t kSmallest = std::numeric_limits<int64_t>::min();
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

core::Acquire ArrivedAt(int64_t boot_us, const Now& now) {
  v1::Acquire acquire;
  acquire.set_ticket("t");
  acquire.set_arrival_boot_us(boot_us);
  return *ToCommand(acquire, core::Client(), now);
}

TEST(ToCommandTest, AnArrivalBeforeTheBootIsTheBoot) {
  EXPECT_EQ(ArrivedAt(kSmallest, kNow).arrival, BootTime());
  EXPECT_EQ(ArrivedAt(-1, kNow).arrival, BootTime());
}

TEST(ToCommandTest, AnArrivalMoreThanADayAgoIsADayAgo) {
  const Now now = {.boot = BootTime() + absl::Hours(100), .wall = kNow.wall};
  EXPECT_EQ(ArrivedAt(1, now).arrival, now.boot - absl::Hours(24));
  EXPECT_EQ(ArrivedAt(kSmallest, now).arrival, now.boot - absl::Hours(24));
}

TEST(ToCommandTest, AnArrivalInTheFutureIsNow) {
  EXPECT_EQ(ArrivedAt(kLargest, kNow).arrival, kNow.boot);
}

TEST(ToCommandTest, AnArrivalThatCanBeIsTaken) {
  EXPECT_EQ(ArrivedAt(59'000'000, kNow).arrival, BootTime::FromMicros(59'000'000));
}

TEST(ToCommandTest, ExtremeDeadlinesAreRefused) {
  for (const int64_t seconds : {kSmallest, kLargest}) {
    v1::Acquire acquire;
    acquire.set_ticket("t");
    acquire.mutable_deadline()->set_seconds(seconds);
    EXPECT_FALSE(ToCommand(acquire, core::Client(), kNow).ok()) << seconds;
  }
}

TEST(ToCommandTest, ADeadlineAtTheEndOfTimeIsTaken) {
  v1::Acquire acquire;
  acquire.mutable_deadline()->set_seconds(253'402'300'799);
  EXPECT_GT(CommandOf(acquire).deadline, kNow.boot + absl::Hours(24 * 365 * 1000));
}

TEST(ToCommandTest, ExtremeTtlsAreRefused) {
  for (const int64_t seconds : {kSmallest, kLargest, int64_t{-1}, int64_t{0}, int64_t{3601}}) {
    v1::UnaryAcquireRequest request;
    request.mutable_ttl()->set_seconds(seconds);
    EXPECT_FALSE(ToCommand(request, core::Client(), kNow).ok()) << seconds;
  }
}

TEST(FromProtoTest, ExtremeDurationsAndNanosAreRefused) {
  for (const int64_t seconds : {kSmallest, kLargest}) {
    google::protobuf::Duration length;
    length.set_seconds(seconds);
    EXPECT_FALSE(FromProto("length", length).ok());
  }
  google::protobuf::Duration length;
  length.set_nanos(std::numeric_limits<int32_t>::min());
  EXPECT_FALSE(FromProto("length", length).ok());
}

TEST(ToProtoTest, WhatTheTypesCannotSayBecomesTheirEnds) {
  EXPECT_EQ(ToProto(absl::InfiniteFuture()).seconds(), 253'402'300'799);
  EXPECT_EQ(ToProto(absl::InfinitePast()).seconds(), -62'135'596'800);
  EXPECT_EQ(ToProto(absl::InfiniteDuration()).seconds(), 315'576'000'000);
  EXPECT_EQ(ToProto(-absl::InfiniteDuration()).seconds(), -315'576'000'000);
  EXPECT_EQ(ToProto(absl::FromUnixMicros(kSmallest)).nanos(), 0);
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
