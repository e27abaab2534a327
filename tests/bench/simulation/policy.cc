#include "tests/bench/simulation/policy.h"

#include <utility>

#include "tests/bench/simulation/back_off.h"
#include "tests/bench/simulation/brokered.h"
#include "tests/bench/simulation/plain_rule.h"

namespace zbroker::simulation {
namespace {

constexpr core::SlotsConfig kLearning;

constexpr core::SlotsConfig Fixed(int limit) { return {.limit = limit, .learn = false}; }

}  // namespace

const std::vector<NamedPolicy>& Policies() {
  using Knows = Brokered::Knows;
  static const std::vector<NamedPolicy> policies = {
      {"oracle", "the broker, told of each change of the limits at once",
       [](Means means) -> std::unique_ptr<Policy> {
         return std::make_unique<Brokered>(std::move(means), Fixed(1), Knows::kTheLimits);
       }},
      {"learned", "the broker as it comes: it learns the limits",
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
      {"plain rule",
       "no broker: a router with one cap, one less on a refusal, one more on successes",
       [](Means means) -> std::unique_ptr<Policy> {
         return std::make_unique<PlainRule>(std::move(means), PlainRule::Caps::kOne);
       }},
      {"plain/model", "the same with a cap for each model",
       [](Means means) -> std::unique_ptr<Policy> {
         return std::make_unique<PlainRule>(std::move(means), PlainRule::Caps::kOfEachModel);
       }},
      {"back-off", "no broker: each client tries again by itself, as the vendors' SDKs do",
       [](Means means) -> std::unique_ptr<Policy> {
         return std::make_unique<BackOff>(std::move(means));
       }},
  };
  return policies;
}

}  // namespace zbroker::simulation
