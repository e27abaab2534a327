// Runs every target on its corpus and on mutations of it. ZBROKER_FUZZ_SEED and ZBROKER_FUZZ_ROUNDS
// replace the seed and the number of mutations a target gets.
#include <gtest/gtest.h>

#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "tests/fuzz/corpus.h"
#include "tests/fuzz/mutator.h"
#include "tests/fuzz/targets.h"

namespace zbroker::fuzz {
namespace {

uint32_t FromEnvironment(const char* name, uint32_t fallback) {
  uint32_t value = fallback;
  const char* text = std::getenv(name);
  if (text != nullptr && !absl::SimpleAtoi(text, &value)) ADD_FAILURE() << name << ": " << text;
  return value;
}

struct Target {
  const char* name;
  std::string (*run)(absl::string_view);
  std::vector<std::string> (*corpus)();
};

class MutationTest : public ::testing::TestWithParam<Target> {
 protected:
  void Run(absl::string_view input) {
    const std::string mistake = GetParam().run(input);
    if (mistake.empty()) return;
    ADD_FAILURE() << mistake << ", input: \"" << absl::CHexEscape(input.substr(0, 4096)) << "\"";
  }
};

TEST_P(MutationTest, EveryShapeHoldsWhatItMust) {
  for (const std::string& input : GetParam().corpus()) Run(input);
}

TEST_P(MutationTest, EveryPrefixHoldsWhatItMust) {
  for (const std::string& input : GetParam().corpus()) {
    for (size_t size = 0; size < input.size() && !HasFailure(); size += 7) {
      Run(absl::string_view(input).substr(0, size));
    }
  }
}

TEST_P(MutationTest, EveryMutationHoldsWhatItMust) {
  const uint32_t seed = FromEnvironment("ZBROKER_FUZZ_SEED", 20261122);
  const uint32_t rounds = FromEnvironment("ZBROKER_FUZZ_ROUNDS", 2000);
  RecordProperty("seed", std::to_string(seed));
  std::printf("%s: seed %u, %u rounds\n", GetParam().name, seed, rounds);
  std::fflush(stdout);  // a crash must not take it along
  Mutator mutator(seed, GetParam().corpus());
  for (uint32_t round = 0; round < rounds && !HasFailure(); ++round) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed << ", round " << round);
    Run(mutator.Next());
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, MutationTest,
                         ::testing::Values(Target{"inspect", FuzzInspect, InspectCorpus},
                                           Target{"classify", FuzzClassify, ClassifyCorpus},
                                           Target{"stream", FuzzStream, StreamCorpus},
                                           Target{"decode", FuzzDecode, DecodeCorpus},
                                           Target{"reset_time", FuzzResetTime, ResetTimeCorpus},
                                           Target{"meter", FuzzMeter, MeterCorpus},
                                           Target{"mcp", FuzzMcp, McpCorpus}),
                         [](const auto& item) { return std::string(item.param.name); });

TEST(MutatorTest, SameSeedGivesTheSameInputs) {
  Mutator one(7, StreamCorpus());
  Mutator other(7, StreamCorpus());
  for (int round = 0; round < 100; ++round) EXPECT_EQ(one.Next(), other.Next());
}

}  // namespace
}  // namespace zbroker::fuzz
