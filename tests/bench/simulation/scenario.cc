#include "tests/bench/simulation/scenario.h"

namespace zbroker::simulation {

const std::vector<Scenario>& Scenarios() {
  static const std::vector<Scenario> scenarios = {
      {.name = "moves",
       .words = "the account's limit moves",
       .upstream = {.account = {1, 10}},
       .sessions = Sessions({1}),
       .throttles = "<= 8",
       .utilisation = ">= 0.96"},
      {.name = "models",
       .words = "the account's limit and those of three models move, each by itself",
       .upstream = {.account = {2, 12}, .models = 3, .model = {1, 10}},
       .sessions = Sessions({0.5, 0.3, 0.2}),
       .throttles = "<= 10",
       .utilisation = ">= 0.93",
       .worst_model = ">= 0.85"},
      {.name = "dips",
       .words = "the account's limit moves, and falls for a moment several times an hour",
       .upstream = {.account = {1, 10}, .dips = true},
       .sessions = Sessions({1}),
       .throttles = "<= 10",
       .utilisation = ">= 0.93"},
  };
  return scenarios;
}

}  // namespace zbroker::simulation
