#include <gtest/gtest.h>

#include "tests/sim/history.h"
#include "tests/sim/seeds.h"

namespace zbroker::sim {
namespace {

// Each of these once broke an invariant.
std::vector<uint32_t> Regressions() { return {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}; }

TEST(HistoriesTest, InvariantsHoldAfterEveryStep) {
  for (const uint32_t seed : SeedsToRun(Regressions(), /*fresh=*/320)) {
    SCOPED_TRACE(HowToReplay(seed));
    History history(seed);
    for (int step = 0; step < 500 && !HasFailure(); ++step) history.Step();
    if (HasFailure()) return;
  }
}

TEST(HistoriesTest, InvariantsHoldInLongHistories) {
  for (const uint32_t seed : SeedsToRun(Regressions(), /*fresh=*/10)) {
    SCOPED_TRACE(HowToReplay(seed));
    History history(seed);
    for (int step = 0; step < 3'000 && !HasFailure(); ++step) history.Step();
    if (HasFailure()) return;
  }
}

TEST(HistoriesTest, NobodyWaitsForEver) {
  for (const uint32_t seed : SeedsToRun(Regressions(), /*fresh=*/80)) {
    SCOPED_TRACE(HowToReplay(seed));
    History history(seed);
    for (int step = 0; step < 100 && !HasFailure(); ++step) history.Step();
    if (!HasFailure()) history.Drain();
    if (HasFailure()) return;
  }
}

TEST(DeterminismTest, SameSeedGivesTheSameHistory) {
  for (const uint32_t seed : SeedsToRun({7}, /*fresh=*/3)) {
    SCOPED_TRACE(HowToReplay(seed));
    History one(seed);
    History other(seed);
    for (int step = 0; step < 300 && !HasFailure(); ++step) {
      one.Step();
      other.Step();
    }
    EXPECT_EQ(one.transcript(), other.transcript());
    EXPECT_GT(one.transcript().size(), 1000u);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace zbroker::sim
