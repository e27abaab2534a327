// What the policies are tried on: an upstream, the sessions that use it, and what is to be reached.
#ifndef ZBROKER_TESTS_BENCH_SIMULATION_SCENARIO_H_
#define ZBROKER_TESTS_BENCH_SIMULATION_SCENARIO_H_

#include <string>
#include <vector>

#include "tests/bench/simulation/upstream.h"
#include "tests/bench/simulation/workload.h"

namespace zbroker::simulation {

struct Scenario {
  std::string name;
  std::string words;
  Nature upstream;
  std::vector<Habits> sessions;
  // To reach, as the table says it.
  std::string throttles, utilisation, worst_model;
};

const std::vector<Scenario>& Scenarios();

}  // namespace zbroker::simulation

#endif  // ZBROKER_TESTS_BENCH_SIMULATION_SCENARIO_H_
