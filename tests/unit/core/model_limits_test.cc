#include "daemon/core/model_limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace zbroker::core {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ModelLimitsTest : public ::testing::Test {
 protected:
  ModelLimitsTest() { models_.Configure({}, {}, now_); }

  void Pass(absl::Duration length) {
    now_ = now_ + length;
    models_.Advance(now_);
  }

  BootTime now_ = BootTime::FromMicros(1'000'000'000);
  ModelLimits models_;
};

TEST_F(ModelLimitsTest, ModelHasNoLimitUntilItIsGivenOne) {
  models_.Served("a", now_).Note(3, now_);
  EXPECT_EQ(models_.Find("a"), nullptr);
  EXPECT_EQ(models_.FindOrAdd("a", 2, now_).limit(), 2);
  ASSERT_NE(models_.Find("a"), nullptr);
  EXPECT_THAT(models_.Limited(), ElementsAre("a"));
}

TEST_F(ModelLimitsTest, HundredsOfInventedNamesPushOutNoLimit) {
  models_.FindOrAdd("real", 2, now_);
  for (int i = 0; i < 500; ++i) models_.Served(absl::StrCat("invented-", i), now_).Note(1, now_);
  EXPECT_NE(models_.Find("real"), nullptr);
}

TEST_F(ModelLimitsTest, TableOfLimitsIsBoundedAndTheOldestIsForgotten) {
  for (size_t i = 0; i <= ModelLimits::kModelsMax; ++i) {
    Pass(absl::Seconds(1));
    models_.FindOrAdd(absl::StrCat("m", i), 2, now_);
  }
  EXPECT_THAT(models_.Limited(), SizeIs(ModelLimits::kModelsMax));
  EXPECT_EQ(models_.Find("m0"), nullptr);
  const auto changes = models_.TakeChanges();
  ASSERT_FALSE(changes.empty());
  EXPECT_EQ(changes[0].model, "m0");
  EXPECT_FALSE(changes[0].state);
}

TEST_F(ModelLimitsTest, LimitOfAModelThatIsSilentForAWeekIsForgotten) {
  models_.FindOrAdd("a", 2, now_);
  Pass(ModelLimits::kSilence - absl::Hours(1));
  EXPECT_NE(models_.Find("a"), nullptr);
  Pass(absl::Hours(1));
  EXPECT_EQ(models_.Find("a"), nullptr);
}

TEST_F(ModelLimitsTest, LimitThatIsAsHighAsAnyMayBeIsNone) {
  models_.FindOrAdd("a", SlotsConfig().max, now_);
  Pass(absl::Hours(1));
  EXPECT_THAT(models_.Limited(), IsEmpty());
}

TEST_F(ModelLimitsTest, ModelThatWasAccusedWronglyHasWhatItHadBefore) {
  models_.FindOrAdd("a", 2, now_);
  models_.Reset("a", std::nullopt, {});
  EXPECT_EQ(models_.Find("a"), nullptr);
}

TEST_F(ModelLimitsTest, WhatAFormerDaemonLearnedIsTakenUp) {
  LearnedState state = models_.FindOrAdd("a", 2, now_).current();
  ModelLimits next;
  next.Configure({}, {}, now_);
  next.Restore("a", state, now_);
  ASSERT_NE(next.Find("a"), nullptr);
  EXPECT_EQ(next.Find("a")->limit(), 2);
}

TEST_F(ModelLimitsTest, RestartKeepsWhatWasLearnedForOtherHours) {
  LearnedState peak = models_.FindOrAdd("a", 2, now_).current();
  peak.hours = HourClass::kPeak;
  ModelLimits next;
  next.Configure({}, {}, now_);
  next.Restore("a", peak, now_);
  next.Advance(now_ + absl::Seconds(1));
  next.EnterClass(HourClass::kPeak, now_ + absl::Seconds(1));
  ASSERT_NE(next.Find("a"), nullptr);
  EXPECT_EQ(next.Find("a")->limit(), 2);
}

TEST_F(ModelLimitsTest, PoolThatLearnsStartsWithWhatIsConfiguredAndIsNeverForgotten) {
  models_.Configure({}, {{"flash*", 1}}, now_);
  models_.EnterClass(HourClass::kOffPeak, now_);
  ASSERT_NE(models_.Find("flash*"), nullptr);
  EXPECT_EQ(models_.Find("flash*")->limit(), 1);
  Pass(2 * ModelLimits::kSilence);
  EXPECT_NE(models_.Find("flash*"), nullptr);
  models_.Configure({}, {}, now_);
  EXPECT_EQ(models_.Find("flash*"), nullptr);
}

TEST_F(ModelLimitsTest, ForgettingIsADeadline) {
  models_.FindOrAdd("a", 2, now_);
  EXPECT_LE(models_.NextChange(), now_ + ModelLimits::kSilence);
}

}  // namespace
}  // namespace zbroker::core
