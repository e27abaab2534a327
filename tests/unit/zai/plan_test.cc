#include "shims/zai/plan.h"

#include <gtest/gtest.h>

namespace zbroker::zai {
namespace {

TEST(PlanTest, GenerationChangesOnTheDayAfterTheLastOfTheOneBefore) {
  EXPECT_EQ(GenerationOf(absl::CivilDay(2025, 9, 1)), "v1");
  EXPECT_EQ(GenerationOf(absl::CivilDay(2026, 2, 12)), "v1");
  EXPECT_EQ(GenerationOf(absl::CivilDay(2026, 2, 13)), "v2");
  EXPECT_EQ(GenerationOf(absl::CivilDay(2026, 7, 30)), "v2");
  EXPECT_EQ(GenerationOf(absl::CivilDay(2026, 7, 31)), "v3");
}

}  // namespace
}  // namespace zbroker::zai
