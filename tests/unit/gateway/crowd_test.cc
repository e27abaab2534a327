#include "shims/gateway/crowd.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace zbroker::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class CrowdTest : public ::testing::Test {
 protected:
  std::unique_ptr<Crowd::Member> Connect(const std::string& name) {
    return std::make_unique<Crowd::Member>(crowd_, now_, [this, name] { ended_.push_back(name); });
  }
  void MakeRoom() { crowd_.MakeRoom(now_); }

  LoopTime now_ = LoopTime() + std::chrono::hours(1);
  Crowd crowd_;
  std::vector<std::string> ended_;
};

TEST_F(CrowdTest, OldestWithoutTheTokenGoesFirst) {
  const auto idle = Connect("idle");
  idle->SetBusy();
  idle->SetIdle();
  const auto first = Connect("first");
  const auto second = Connect("second");
  now_ += Crowd::kGrace;
  for (int i = 0; i < 3; ++i) MakeRoom();
  EXPECT_THAT(ended_, ElementsAre("first", "second", "idle"));
}

TEST_F(CrowdTest, OneThatHasJustComeStaysBeforeOneThatIsIdle) {
  const auto idle = Connect("idle");
  idle->SetBusy();
  idle->SetIdle();
  const auto first = Connect("new");
  MakeRoom();
  MakeRoom();
  EXPECT_THAT(ended_, ElementsAre("idle", "new"));
}

TEST_F(CrowdTest, TheOneIdleForLongestGoesBeforeTheOneJustServed) {
  const auto early = Connect("early");
  const auto late = Connect("late");
  for (auto* member : {late.get(), early.get(), late.get()}) {
    member->SetBusy();
    member->SetIdle();
  }
  MakeRoom();
  EXPECT_THAT(ended_, ElementsAre("early"));
}

TEST_F(CrowdTest, RequestUnderWayIsNotEnded) {
  const auto busy = Connect("busy");
  busy->SetBusy();
  EXPECT_TRUE(crowd_.all_busy());
  MakeRoom();
  EXPECT_THAT(ended_, IsEmpty());
}

TEST_F(CrowdTest, OneThatIsEndingStillCountsAndIsNotEndedTwice) {
  auto ending = Connect("ending");
  MakeRoom();
  EXPECT_EQ(crowd_.size(), 1u);
  MakeRoom();
  EXPECT_THAT(ended_, ElementsAre("ending"));
  ending.reset();
  EXPECT_EQ(crowd_.size(), 0u);
}

TEST_F(CrowdTest, OneThatHasGoneIsForgotten) {
  auto gone = Connect("gone");
  const auto stays = Connect("stays");
  gone.reset();
  MakeRoom();
  EXPECT_THAT(ended_, ElementsAre("stays"));
}

TEST_F(CrowdTest, ProvesItselfOnce) {
  const auto member = Connect("a");
  EXPECT_FALSE(member->proven());
  member->SetBusy();
  member->SetIdle();
  EXPECT_TRUE(member->proven());
}

TEST_F(CrowdTest, EndAllEndsTheBusyToo) {
  const auto busy = Connect("busy");
  busy->SetBusy();
  const auto idle = Connect("idle");
  idle->SetBusy();
  idle->SetIdle();
  const auto unproven = Connect("unproven");
  crowd_.EndAll();
  EXPECT_THAT(ended_, UnorderedElementsAre("busy", "idle", "unproven"));
}

}  // namespace
}  // namespace zbroker::gateway
