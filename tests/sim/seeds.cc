#include "tests/sim/seeds.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <random>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace zbroker::sim {
namespace {

uint32_t NumberFrom(const char* variable, uint32_t otherwise) {
  const char* text = std::getenv(variable);
  if (text == nullptr) return otherwise;
  uint32_t number = 0;
  EXPECT_TRUE(absl::SimpleAtoi(text, &number)) << variable << " is not a number: " << text;
  return number;
}

}  // namespace

std::vector<uint32_t> SeedsToRun(std::vector<uint32_t> regressions, int fresh) {
  if (std::getenv("ZBROKER_SIM_SEED") != nullptr) return {NumberFrom("ZBROKER_SIM_SEED", 0)};
  const auto times = static_cast<int>(NumberFrom("ZBROKER_SIM_FRESH", 1));
  const int count = std::max(1, fresh * times / kSlowdown);
  const uint32_t first = std::random_device()();
  std::cout << "seeds: " << count << " from " << first << "\n";
  std::vector<uint32_t> seeds;
  if (kSlowdown == 1) seeds = std::move(regressions);
  for (int i = 0; i < count; ++i) seeds.push_back(first + static_cast<uint32_t>(i));
  return seeds;
}

std::string HowToReplay(uint32_t seed) {
  const ::testing::TestInfo* test = ::testing::UnitTest::GetInstance()->current_test_info();
  return absl::StrCat("replay it: ZBROKER_SIM_SEED=", seed,
                      " build/release/bin/sim_test --gtest_filter=", test->test_suite_name(), ".",
                      test->name());
}

}  // namespace zbroker::sim
