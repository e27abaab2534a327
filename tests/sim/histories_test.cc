#include <gtest/gtest.h>

#include "tests/sim/history.h"

namespace zbroker::sim {
namespace {

class HistoriesTest : public ::testing::TestWithParam<uint32_t> {};

TEST_P(HistoriesTest, InvariantsHoldAfterEveryStep) {
  SCOPED_TRACE(::testing::Message() << "seed " << GetParam());
  History history(GetParam());
  for (int step = 0; step < 300 && !HasFailure(); ++step) history.Step();
}

TEST_P(HistoriesTest, NobodyWaitsForEver) {
  SCOPED_TRACE(::testing::Message() << "seed " << GetParam());
  History history(GetParam());
  for (int step = 0; step < 100 && !HasFailure(); ++step) history.Step();
  history.Drain();
}

INSTANTIATE_TEST_SUITE_P(Seeds, HistoriesTest, ::testing::Range<uint32_t>(1, 61));

TEST(DeterminismTest, SameSeedGivesTheSameHistory) {
  History one(7);
  History other(7);
  for (int step = 0; step < 300; ++step) {
    one.Step();
    other.Step();
  }
  EXPECT_EQ(one.transcript(), other.transcript());
  EXPECT_GT(one.transcript().size(), 1000u);
}

}  // namespace
}  // namespace zbroker::sim
