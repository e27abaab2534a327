#include "daemon/core/blocks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace zbroker::core {
namespace {

BootTime At(int64_t second) { return BootTime::FromMicros(second * 1'000'000); }

Block OfAccount(BlockReason reason, int64_t until) {
  return {.reason = reason, .until = At(until)};
}

Block OfModel(const std::string& model, int64_t until) {
  return {
      .reason = BlockReason::kOverload, .scope = Scope::kModel, .model = model, .until = At(until)};
}

Block OfKind(Kind kind, int64_t until) {
  return {.reason = BlockReason::kWall, .scope = Scope::kKind, .kind = kind, .until = At(until)};
}

TEST(BlocksTest, BlockOfAModelMatchesThatModelOnly) {
  Blocks blocks;
  blocks.Add(OfModel("a", 10));
  EXPECT_NE(blocks.Match({.model = "a"}), nullptr);
  EXPECT_EQ(blocks.Match({.model = "b"}), nullptr);
  EXPECT_EQ(blocks.Match({}), nullptr);
}

TEST(BlocksTest, BlockOfUnknownModelsLeavesKnownOnesAlone) {
  Blocks blocks;
  blocks.Add(OfModel("", 10));
  EXPECT_NE(blocks.Match({}), nullptr);
  EXPECT_EQ(blocks.Match({.model = "a"}), nullptr);
}

TEST(BlocksTest, BlockOfAKindMatchesThatKindOfEveryModel) {
  Blocks blocks;
  blocks.Add(OfKind(Kind::kMcp, 10));
  EXPECT_NE(blocks.Match({.model = "a", .kind = Kind::kMcp}), nullptr);
  EXPECT_EQ(blocks.Match({.kind = Kind::kPrompt}), nullptr);
  EXPECT_TRUE(blocks.StopsKind(Kind::kMcp));
  EXPECT_FALSE(blocks.StopsKind(Kind::kCall));
}

TEST(BlocksTest, BlockIsOverAtItsEndExactly) {
  Blocks blocks;
  blocks.Add(OfAccount(BlockReason::kCoolDown, 10));
  blocks.Advance(At(10) - absl::Microseconds(1));
  EXPECT_NE(blocks.Match({}), nullptr);
  EXPECT_EQ(blocks.NextEnd(), At(10));
  blocks.Advance(At(10));
  EXPECT_EQ(blocks.Match({}), nullptr);
  EXPECT_EQ(blocks.NextEnd(), BootTime::InfiniteFuture());
  EXPECT_TRUE(blocks.Standing().empty());
}

TEST(BlocksTest, OneThatIsOverIsStillFoundByItsName) {
  Blocks blocks;
  blocks.Add(OfModel("a", 10));
  blocks.Advance(At(11));
  ASSERT_NE(blocks.Find(OfModel("a", 0)), nullptr);
  EXPECT_EQ(blocks.Find(OfModel("a", 0))->until, At(10));
}

TEST(BlocksTest, NewBlockTakesThePlaceOfTheOneWithItsName) {
  Blocks blocks;
  blocks.Add(OfModel("a", 10));
  blocks.Add(OfModel("b", 12));
  blocks.Add(OfModel("a", 20));
  EXPECT_EQ(blocks.all().size(), 2u);
  EXPECT_EQ(blocks.Match({.model = "a"})->until, At(20));
}

TEST(BlocksTest, TheOneThatEndsLastIsWhatARequestWaitsFor) {
  Blocks blocks;
  blocks.Add(OfAccount(BlockReason::kCoolDown, 10));
  blocks.Add(OfModel("a", 30));
  blocks.Add(OfAccount(BlockReason::kWall, 20));
  EXPECT_EQ(blocks.Match({.model = "a"})->reason, BlockReason::kOverload);
  EXPECT_EQ(blocks.MatchRefusal({.model = "a"})->reason, BlockReason::kWall);
  EXPECT_EQ(blocks.Match({.model = "b"})->reason, BlockReason::kWall);
}

TEST(BlocksTest, StandingOnesAreListedGravestFirst) {
  Blocks blocks;
  blocks.Add(OfModel("a", 30));
  blocks.Add(OfAccount(BlockReason::kBreaker, 10));
  blocks.Add(OfAccount(BlockReason::kCoolDown, 20));
  std::vector<BlockReason> reasons;
  for (const Block& block : blocks.Standing()) reasons.push_back(block.reason);
  EXPECT_THAT(reasons, ::testing::ElementsAre(BlockReason::kBreaker, BlockReason::kCoolDown,
                                              BlockReason::kOverload));
}

TEST(BlocksTest, TooManyModelsPushOutTheOneThatEndsFirst) {
  Blocks blocks;
  blocks.Add(OfAccount(BlockReason::kCoolDown, 1));
  for (size_t i = 0; i < Blocks::kModelsMax; ++i) {
    EXPECT_FALSE(blocks.Add(OfModel(absl::StrCat("m", i), 100 + static_cast<int64_t>(i))));
  }
  const auto evicted = blocks.Add(OfModel("one more", 500));
  ASSERT_TRUE(evicted);
  EXPECT_EQ(evicted->model, "m0");
  EXPECT_EQ(blocks.Match({.model = "m0"})->scope, Scope::kAccount);
  EXPECT_EQ(blocks.all().size(), Blocks::kModelsMax + 1);
}

}  // namespace
}  // namespace zbroker::core
