// Blocks outlive the daemon, and the machine.
#include "tests/unit/ledger/harness.h"

namespace zbroker::ledger {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class BlockTest : public LedgerTest {
 protected:
  // The block that there is; fails the test if there is not one.
  core::Block Only() {
    const auto blocks = Recover().blocks;
    EXPECT_THAT(blocks, SizeIs(1));
    return blocks.empty() ? core::Block() : blocks[0].block;
  }

  static core::BlockSet OverloadOf(const std::string& model) {
    return {kAccount,
            {.reason = core::BlockReason::kOverload, .scope = core::Scope::kModel, .model = model}};
  }
};

TEST_F(BlockTest, ReadsAsItWasWritten) {
  core::BlockSet set = WallFor(absl::Hours(2));
  set.block.scope = core::Scope::kKind;
  set.block.kind = core::Kind::kMcp;
  set.block.step = 3;
  Commit({set});
  Open();
  const core::Block block = Only();
  EXPECT_TRUE(block.SameName(set.block));
  EXPECT_EQ(block.since, set.block.since);
  EXPECT_EQ(block.until, set.block.until);
  EXPECT_EQ(block.step, 3);
  EXPECT_EQ(block.upstream_code, "1308");
  EXPECT_EQ(block.detail, "used up");
}

TEST_F(BlockTest, TheLaterOneOfANameStays) {
  Commit({WallFor(absl::Hours(1)), OverloadOf("a"), OverloadOf("b")});
  Commit({WallFor(absl::Hours(3)), OverloadOf("a")});
  const auto blocks = Recover().blocks;
  ASSERT_THAT(blocks, SizeIs(3));
  EXPECT_EQ(blocks[2].block.until, now() + absl::Hours(3));
}

TEST_F(BlockTest, RemovedOneIsGoneAndTheOthersStay) {
  Commit({WallFor(absl::Hours(1)), OverloadOf("a"), OverloadOf("b")});
  Commit({core::BlockRemoved{kAccount, OverloadOf("a").block},
          core::BlockRemoved{"other", WallFor(absl::Hours(1)).block}});
  EXPECT_THAT(Recover().blocks, SizeIs(2));
  Commit({core::BlockRemoved{kAccount, OverloadOf("b").block},
          core::BlockRemoved{kAccount, WallFor(absl::Hours(9)).block}});
  EXPECT_THAT(Recover().blocks, IsEmpty());
}

TEST_F(BlockTest, AfterARebootItEndsAtTheSameWallTime) {
  Commit({WallFor(absl::Hours(2))});
  const absl::Time until = wall() + absl::Hours(2);
  Reboot(absl::Minutes(30));
  EXPECT_EQ(clock_.Read().WallAt(Only().until), until);
}

TEST_F(BlockTest, StepOfTheWallClockDoesNotMoveItWithinTheBoot) {
  Commit({WallFor(absl::Hours(2))});
  const BootTime until = now() + absl::Hours(2);
  clock_.StepWall(absl::Hours(-5));
  ASSERT_OK(ledger_->NoteWallClock(clock_.Read()));
  EXPECT_EQ(Only().until, until);
}

TEST_F(BlockTest, WallTimeThatWasCorrectedCountsAfterAReboot) {
  Commit({WallFor(absl::Hours(2))});
  clock_.StepWall(absl::Hours(3));
  ASSERT_OK(ledger_->NoteWallClock(clock_.Read()));
  const absl::Time until = wall() + absl::Hours(2);
  Reboot(absl::Minutes(1));
  EXPECT_EQ(clock_.Read().WallAt(Only().until), until);
}

}  // namespace
}  // namespace zbroker::ledger
