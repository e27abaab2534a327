// Which seeds random tests run: a fixed set, of which each once showed a fault, and others that are
// drawn afresh each time, so that no fault is safe behind the seeds that happen to miss it.
//
// ZBROKER_SIM_SEED=N runs that one only; ZBROKER_SIM_FRESH=N runs N times as many fresh ones.
#ifndef ZBROKER_TESTS_SIM_SEEDS_H_
#define ZBROKER_TESTS_SIM_SEEDS_H_

#include <cstdint>
#include <string>
#include <vector>

namespace zbroker::sim {

// Under a sanitizer of memory or threads, code runs many times slower.
#ifdef ZBROKER_SANITIZED
inline constexpr int kSlowdown = 60;
#else
inline constexpr int kSlowdown = 1;
#endif

// The regressions, and `fresh` others; under a sanitizer only some of the latter.
std::vector<uint32_t> SeedsToRun(std::vector<uint32_t> regressions, int fresh);

// The command that runs the present test with this seed only.
std::string HowToReplay(uint32_t seed);

}  // namespace zbroker::sim

#endif  // ZBROKER_TESTS_SIM_SEEDS_H_
