#include "tests/bench/simulation/policy.h"

#include <utility>

#include "tests/bench/simulation/back_off.h"
#include "tests/bench/simulation/brokered.h"

namespace zbroker::simulation {
namespace {

constexpr core::SlotsConfig kLearning;

constexpr core::SlotsConfig Fixed(int limit) { return {.limit = limit, .learn = false}; }

}  // namespace

const std::vector<NamedPolicy>& Policies() {
  using Knows = Brokered::Knows;
  static const std::vector<NamedPolicy> policies = {
      {"oracle", "the broker, told of each change of the limit at once",
       [](Means means) -> std::unique_ptr<Policy> {
         return std::make_unique<Brokered>(std::move(means), Fixed(1), Knows::kTheLimit);
       }},
      {"learned", "the broker as it comes: it learns the limit",
       [](Means means) -> std::unique_ptr<Policy> {
         return std::make_unique<Brokered>(std::move(means), kLearning, Knows::kNothing);
       }},
      {"fixed 1", "the broker with a limit of 1 that it must not change",
       [](Means means) -> std::unique_ptr<Policy> {
         return std::make_unique<Brokered>(std::move(means), Fixed(1), Knows::kNothing);
       }},
      {"fixed 3", "the broker with a limit of 3 that it must not change",
       [](Means means) -> std::unique_ptr<Policy> {
         return std::make_unique<Brokered>(std::move(means), Fixed(3), Knows::kNothing);
       }},
      {"back-off", "no broker: each client tries again by itself, as the vendors' SDKs do",
       [](Means means) -> std::unique_ptr<Policy> {
         return std::make_unique<BackOff>(std::move(means));
       }},
  };
  return policies;
}

}  // namespace zbroker::simulation
