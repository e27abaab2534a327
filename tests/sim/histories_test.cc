#include <gtest/gtest.h>

#include "tests/sim/history.h"
#include "tests/sim/seeds.h"

namespace zbroker::sim {
namespace {

// Each of these once broke an invariant.
const std::vector<uint32_t> kShort = {
    1,          2,          3,          4,          5,          6,          7,          8,
    9,          10,         1123,       1463,       1234874975, 2011848353, 2333655780, 2721334533,
    2935723198, 3126401960, 3263988609, 2350469439, 4160775438, 2023726214, 1563745816, 317901841,
    4115699995, 1666002276, 817835102,  1721075354, 2730631542, 3619089922, 569999788,  2592053336};
const std::vector<uint32_t> kLong = {1007, 1130, 1259, 1343, 1360, 1893797196, 1546528062};
const std::vector<uint32_t> kDrained = {1,    2,          3,          4,        5,
                                        1266, 1575201369, 2485889355, 77396225, 1179511621};

constexpr int kLongSteps = kSlowdown == 1 ? 3'000 : 1'000;

TEST(HistoriesTest, InvariantsHoldAfterEveryStep) {
  for (const uint32_t seed : SeedsToRun(kShort, /*fresh=*/320)) {
    SCOPED_TRACE(HowToReplay(seed));
    History history(seed);
    for (int step = 0; step < 500 && !HasFailure(); ++step) history.Step();
    if (HasFailure()) return;
  }
}

TEST(HistoriesTest, InvariantsHoldInLongHistories) {
  for (const uint32_t seed : SeedsToRun(kLong, /*fresh=*/10)) {
    SCOPED_TRACE(HowToReplay(seed));
    History history(seed);
    for (int step = 0; step < kLongSteps && !HasFailure(); ++step) history.Step();
    if (HasFailure()) return;
  }
}

TEST(HistoriesTest, NobodyWaitsForEver) {
  for (const uint32_t seed : SeedsToRun(kDrained, /*fresh=*/80)) {
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
