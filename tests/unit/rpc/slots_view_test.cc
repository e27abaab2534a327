#include "daemon/rpc/slots_view.h"

#include <gtest/gtest.h>

namespace zbroker::rpc {
namespace {

const BootTime kBoot = BootTime::FromMicros(3'600'000'000);
const Now kNow = {.boot = kBoot, .wall = absl::FromUnixSeconds(10'000)};

v1::SlotsStatus View(const core::AccountSnapshot& account) {
  v1::SlotsStatus out;
  FillSlots(account, kNow, &out);
  return out;
}

core::KnownLimit Known() {
  return {.state = {.limit = 4,
                    .ceiling = 5,
                    .confirmed = kBoot - absl::Seconds(10),
                    .changed = kBoot - absl::Seconds(20),
                    .why = "throttled (1302) with 6 in flight"},
          .in_force = true,
          .tested = true,
          .ceiling_known = true};
}

TEST(SlotsViewTest, CountsSlotsAndNotLeases) {
  core::AccountSnapshot account;
  account.in_flight = 1;
  account.leases.resize(3);
  EXPECT_EQ(View(account).in_flight(), 1u);
}

TEST(SlotsViewTest, LearnedMeansThatExperienceDecides) {
  core::AccountSnapshot account;
  account.slot_limit = 4;
  account.configured_limit = 3;
  account.source = core::LimitSource::kLearned;
  EXPECT_TRUE(View(account).learned());
  EXPECT_EQ(View(account).source(), "learned");
  EXPECT_EQ(View(account).configured(), 3u);
  account.source = core::LimitSource::kScheduled;
  EXPECT_FALSE(View(account).learned());
  EXPECT_EQ(View(account).source(), "scheduled");
}

TEST(SlotsViewTest, LimitsOfModelsStandApart) {
  core::AccountSnapshot account;
  account.model_limits = {{.model = "glm-5",
                           .limit = 4,
                           .state = Known().state,
                           .in_force = true,
                           .ceiling_known = true,
                           .in_flight = 2,
                           .next_trial = kBoot + absl::Seconds(30)}};
  EXPECT_EQ(View(account).learned_limits_size(), 0);
  const v1::LearnedLimit learned = View(account).model_limits(0);
  EXPECT_EQ(learned.model(), "glm-5");
  EXPECT_EQ(learned.limit(), 4u);
  EXPECT_EQ(learned.ceiling(), 5u);
  EXPECT_EQ(learned.in_flight(), 2u);
  EXPECT_EQ(learned.confirmed().seconds(), 9'990);
  EXPECT_EQ(learned.next_trial().seconds(), 10'030);
  EXPECT_EQ(learned.reason(), "throttled (1302) with 6 in flight");
}

TEST(SlotsViewTest, OfAPinnedModelNothingIsSaidToBeLearned) {
  core::AccountSnapshot account;
  account.model_limits = {{.model = "glm-5", .limit = 2, .pinned = true, .in_force = true}};
  const v1::LearnedLimit pinned = View(account).model_limits(0);
  EXPECT_EQ(pinned.limit(), 2u);
  EXPECT_TRUE(pinned.pinned());
  EXPECT_EQ(pinned.hours(), "");
  EXPECT_FALSE(pinned.has_changed());
}

TEST(SlotsViewTest, CoolDownOfAModelIsNotTheAccounts) {
  core::AccountSnapshot account;
  account.blocks = {{.scope = core::Scope::kModel, .model = "glm-5", .until = kBoot}};
  EXPECT_FALSE(View(account).has_cool_down_until());
}

TEST(SlotsViewTest, TestedLimitHasItsInstantsAndReason) {
  core::AccountSnapshot account;
  account.known_limits = {Known()};
  account.next_trial = kBoot + absl::Seconds(30);
  const v1::LearnedLimit learned = View(account).learned_limits(0);
  EXPECT_EQ(learned.hours(), "off-peak");
  EXPECT_EQ(learned.limit(), 4u);
  EXPECT_EQ(learned.ceiling(), 5u);
  EXPECT_EQ(learned.confirmed().seconds(), 9'990);
  EXPECT_EQ(learned.changed().seconds(), 9'980);
  EXPECT_EQ(learned.next_trial().seconds(), 10'030);
  EXPECT_EQ(learned.reason(), "throttled (1302) with 6 in flight");
  EXPECT_TRUE(learned.in_force());
}

TEST(SlotsViewTest, WhatIsNotKnownIsAbsent) {
  core::AccountSnapshot account;
  account.known_limits = {Known()};
  account.known_limits[0].tested = account.known_limits[0].ceiling_known = false;
  const v1::LearnedLimit learned = View(account).learned_limits(0);
  EXPECT_EQ(learned.ceiling(), 0u);
  EXPECT_FALSE(learned.has_confirmed());
  EXPECT_FALSE(learned.has_changed());
  EXPECT_FALSE(learned.has_next_trial());
}

TEST(SlotsViewTest, TrialsAreOfTheHoursThatAreNow) {
  core::AccountSnapshot account;
  account.trial_under_way = true;
  account.known_limits = {Known(), Known(), Known()};
  account.known_limits[1].state.hours = core::HourClass::kPeak;
  account.known_limits[1].in_force = false;
  account.known_limits[2].schedule = 2;
  account.known_limits[2].in_force = false;
  const v1::SlotsStatus slots = View(account);
  EXPECT_TRUE(slots.learned_limits(0).trial_under_way());
  EXPECT_EQ(slots.learned_limits(1).hours(), "peak");
  EXPECT_FALSE(slots.learned_limits(1).trial_under_way());
  EXPECT_EQ(slots.learned_limits(2).hours(), "schedule 2");
}

TEST(SlotsViewTest, Pools) {
  core::AccountSnapshot account;
  account.pools = {{.config = {.models = {"*flash*", "a"}, .limit = 2}, .in_flight = 1}};
  const v1::PoolStatus pool = View(account).pools(0);
  EXPECT_EQ(pool.models_size(), 2);
  EXPECT_EQ(pool.models(0), "*flash*");
  EXPECT_EQ(pool.limit(), 2u);
  EXPECT_EQ(pool.in_flight(), 1u);
}

}  // namespace
}  // namespace zbroker::rpc
