// One run: a policy between the sessions and the upstream.
#ifndef ZBROKER_TESTS_BENCH_SIMULATION_RUN_H_
#define ZBROKER_TESTS_BENCH_SIMULATION_RUN_H_

#include <cstdint>

#include "absl/time/time.h"
#include "tests/bench/simulation/meter.h"
#include "tests/bench/simulation/policy.h"
#include "tests/bench/simulation/scenario.h"

namespace zbroker::simulation {

// From a request's sending to its answer's arrival, beyond its service: uniform.
inline constexpr absl::Duration kShortestRoundTrip = absl::Milliseconds(50);
inline constexpr absl::Duration kLongestRoundTrip = absl::Milliseconds(400);

// The same seed gives every policy the same upstream, and sessions with the same tasks.
Figures Run(const Scenario& scenario, const NamedPolicy& policy, uint32_t seed,
            absl::Duration length);

}  // namespace zbroker::simulation

#endif  // ZBROKER_TESTS_BENCH_SIMULATION_RUN_H_
