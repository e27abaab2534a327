#include "daemon/core/reaction.h"

#include <gtest/gtest.h>

namespace zbroker::core {
namespace {

BootTime Second(int64_t second) { return BootTime::FromMicros(second * 1'000'000); }

class ReactionTest : public ::testing::Test {
 protected:
  // A lease of model m that was granted at the second.
  static Lease GrantedAt(int64_t second) {
    return {.id = 7, .request = {.model = "m", .kind = Kind::kMcp}, .granted = Second(second)};
  }

  // What the outcome of a lease granted at `granted` does at `now`; kept in the table.
  std::optional<Block> React(Outcome outcome, const ReleaseDetails& details, int64_t granted,
                             int64_t now) {
    blocks_.Advance(Second(now));
    auto block = BlockFor(GrantedAt(granted), outcome, details, {}, blocks_, Second(now));
    if (block) blocks_.Add(*block);
    return block;
  }

  static absl::Duration Length(const std::optional<Block>& block) {
    return block ? block->until - block->since : absl::ZeroDuration();
  }

  // Throttles that each meet a lease granted just after the last cool-down.
  std::vector<absl::Duration> ThrottlesInARow(int count, const ReleaseDetails& details = {},
                                              Outcome outcome = Outcome::kThrottle) {
    std::vector<absl::Duration> lengths;
    int64_t now = 1000;
    for (int i = 0; i < count; ++i, now += 600) {
      lengths.push_back(Length(React(outcome, details, now - 1, now)));
    }
    return lengths;
  }

  Blocks blocks_;
};

void ExpectAbout(absl::Duration length, absl::Duration expected) {
  EXPECT_GE(length, expected * 0.8);
  EXPECT_LE(length, expected * 1.2);
}

TEST_F(ReactionTest, OutcomesThatSayNothingOfTheAccountBlockNothing) {
  for (const Outcome outcome : {Outcome::kOk, Outcome::kFailed, Outcome::kCancelled,
                                Outcome::kTerminal, Outcome::kTransient}) {
    EXPECT_FALSE(React(outcome, {.retry_after = absl::Seconds(9)}, 1, 2)) << Name(outcome);
  }
}

TEST_F(ReactionTest, ThrottleCoolsTheAccountDownForAboutTwoSeconds) {
  const auto block = React(Outcome::kThrottle, {.upstream_code = "1302", .message = "x"}, 1, 2);
  ASSERT_TRUE(block);
  EXPECT_EQ(block->reason, BlockReason::kCoolDown);
  EXPECT_EQ(block->scope, Scope::kAccount);
  EXPECT_EQ(block->upstream_code, "1302");
  EXPECT_EQ(block->detail, "x");
  ExpectAbout(Length(block), absl::Seconds(2));
}

TEST_F(ReactionTest, ThrottlesInARowDoubleUpToAMinute) {
  const auto lengths = ThrottlesInARow(8);
  for (size_t i = 0; i < lengths.size(); ++i) {
    ExpectAbout(lengths[i], std::min(absl::Seconds(2) * (1 << i), absl::Seconds(60)));
  }
}

TEST_F(ReactionTest, TooManyStartsCoolDownForLess) {
  const auto lengths = ThrottlesInARow(6, {.start_rate = true});
  ExpectAbout(lengths[0], absl::Seconds(1));
  ExpectAbout(lengths[5], absl::Seconds(15));
}

TEST_F(ReactionTest, LengthDiffersFromLeaseToLease) {
  Lease one = GrantedAt(1);
  Lease other = GrantedAt(1);
  other.id = one.id + 1;
  EXPECT_NE(BlockFor(one, Outcome::kThrottle, {}, {}, blocks_, Second(2))->until,
            BlockFor(other, Outcome::kThrottle, {}, {}, blocks_, Second(2))->until);
}

TEST_F(ReactionTest, RetryAfterIsTakenAtItsWordUpToFiveMinutes) {
  EXPECT_EQ(Length(React(Outcome::kThrottle, {.retry_after = absl::Seconds(38)}, 1, 2)),
            absl::Seconds(38));
  EXPECT_EQ(Length(React(Outcome::kOverload, {.retry_after = absl::Hours(80)}, 1, 2)),
            absl::Minutes(5));
}

TEST_F(ReactionTest, RetryAfterOfZeroIsNoWord) {
  ExpectAbout(Length(React(Outcome::kThrottle, {.retry_after = absl::ZeroDuration()}, 1, 2)),
              absl::Seconds(2));
}

TEST_F(ReactionTest, ThrottlesOfOneBurstCountOnce) {
  ASSERT_TRUE(React(Outcome::kThrottle, {.retry_after = absl::Seconds(10)}, 1, 100));
  EXPECT_FALSE(React(Outcome::kThrottle, {}, 99, 101));
  EXPECT_FALSE(React(Outcome::kThrottle, {.retry_after = absl::Seconds(5)}, 99, 102));
}

TEST_F(ReactionTest, BurstIsLengthenedByWhoAsksForMore) {
  React(Outcome::kThrottle, {.retry_after = absl::Seconds(10)}, 1, 100);
  const auto longer = React(Outcome::kThrottle, {.retry_after = absl::Seconds(30)}, 99, 104);
  ASSERT_TRUE(longer);
  EXPECT_EQ(longer->since, Second(100));
  EXPECT_EQ(longer->until, Second(134));
  EXPECT_EQ(longer->step, 0);
}

TEST_F(ReactionTest, LateAnswerOfALeaseFromBeforeDoesNotDouble) {
  React(Outcome::kThrottle, {}, 1, 100);
  ExpectAbout(Length(React(Outcome::kThrottle, {}, 99, 500)), absl::Seconds(2));
}

TEST_F(ReactionTest, OverloadBlocksTheLeasesModelForAboutASecond) {
  const auto block = React(Outcome::kOverload, {}, 1, 2);
  ASSERT_TRUE(block);
  EXPECT_EQ(block->reason, BlockReason::kOverload);
  EXPECT_EQ(block->scope, Scope::kModel);
  EXPECT_EQ(block->model, "m");
  ExpectAbout(Length(block), absl::Seconds(1));
}

TEST_F(ReactionTest, OverloadsInARowDoubleUpToHalfAMinute) {
  const auto lengths = ThrottlesInARow(7, {}, Outcome::kOverload);
  ExpectAbout(lengths[4], absl::Seconds(16));
  ExpectAbout(lengths[6], absl::Seconds(30));
}

TEST_F(ReactionTest, WallStandsUntilTheStatedInstant) {
  const auto block =
      React(Outcome::kWall, {.until = Second(2 + 5 * 3600), .window_length = absl::Hours(5)}, 1, 2);
  ASSERT_TRUE(block);
  EXPECT_EQ(block->reason, BlockReason::kWall);
  EXPECT_EQ(block->scope, Scope::kAccount);
  EXPECT_EQ(block->until, Second(2 + 5 * 3600));
}

TEST_F(ReactionTest, WallWithoutAPlausibleEndStandsForFiveMinutes) {
  const absl::Duration five_hours = absl::Hours(5);
  EXPECT_EQ(Length(React(Outcome::kWall, {}, 1, 2)), absl::Minutes(5));
  blocks_ = {};
  EXPECT_EQ(Length(React(Outcome::kWall, {.until = Second(2)}, 1, 2)), absl::Minutes(5)) << "past";
  blocks_ = {};
  EXPECT_EQ(Length(React(Outcome::kWall,
                         {.until = Second(3 + 5 * 3600 + 300), .window_length = five_hours}, 1, 2)),
            absl::Minutes(5))
      << "beyond the window";
  blocks_ = {};
  EXPECT_EQ(Length(React(Outcome::kWall, {.until = Second(3 + 35 * 86400)}, 1, 2)),
            absl::Minutes(5))
      << "beyond every window";
}

TEST_F(ReactionTest, WallIsAsWideAsItsScope) {
  EXPECT_EQ(React(Outcome::kWall, {.scope = Scope::kModel}, 1, 2)->model, "m");
  const auto of_kind = React(Outcome::kWall, {.scope = Scope::kKind}, 1, 2);
  EXPECT_EQ(of_kind->scope, Scope::kKind);
  EXPECT_EQ(of_kind->kind, Kind::kMcp);
}

TEST_F(ReactionTest, EarlierEndDoesNotReplaceALaterOne) {
  React(Outcome::kWall, {.until = Second(86400)}, 1, 2);
  EXPECT_FALSE(React(Outcome::kWall, {.until = Second(3600)}, 1, 3));
  const auto later = React(Outcome::kWall, {.until = Second(90000)}, 1, 4);
  ASSERT_TRUE(later);
  EXPECT_EQ(later->since, Second(2));
}

TEST_F(ReactionTest, BreakerStandsForAnHourAtLeast) {
  const auto block = React(Outcome::kBreaker, {.until = Second(60)}, 1, 2);
  ASSERT_TRUE(block);
  EXPECT_EQ(block->reason, BlockReason::kBreaker);
  EXPECT_EQ(Length(block), absl::Hours(1));
  blocks_ = {};
  EXPECT_EQ(React(Outcome::kBreaker, {.until = Second(86400)}, 1, 2)->until, Second(86400));
  blocks_ = {};
  EXPECT_EQ(Length(React(Outcome::kBreaker, {.until = Second(86400 * 365)}, 1, 2)), absl::Hours(1));
}

TEST_F(ReactionTest, LaterBreakerExtendsIt) {
  React(Outcome::kBreaker, {}, 1, 100);
  EXPECT_EQ(React(Outcome::kBreaker, {}, 99, 200)->until, Second(3800));
}

TEST_F(ReactionTest, GoodEndOfALeaseGrantedAfterABlockForgivesIt) {
  const auto block = React(Outcome::kOverload, {.retry_after = absl::Seconds(10)}, 1, 100);
  blocks_.Advance(Second(120));
  EXPECT_TRUE(Forgives(GrantedAt(110), *block, blocks_));
  EXPECT_FALSE(Forgives(GrantedAt(99), *block, blocks_)) << "granted before";
  Lease other = GrantedAt(110);
  other.request.model = "other";
  EXPECT_FALSE(Forgives(other, *block, blocks_)) << "another model";
}

TEST_F(ReactionTest, OnlyWhatWasTurnedAwayCostsNothing) {
  for (int i = 0; i <= static_cast<int>(Outcome::kRevoked); ++i) {
    const auto outcome = static_cast<Outcome>(i);
    const bool turned_away = outcome == Outcome::kThrottle || outcome == Outcome::kOverload ||
                             outcome == Outcome::kWall || outcome == Outcome::kBreaker ||
                             outcome == Outcome::kTerminal;
    EXPECT_EQ(TurnedAway(outcome), turned_away) << Name(outcome);
  }
}

}  // namespace
}  // namespace zbroker::core
