// The model of the upstream: serves so many requests at once and refuses the next, at once. It
// tells nobody how many, and changes the number now and then. What it serves it never cuts off.
#ifndef ZBROKER_TESTS_BENCH_SIMULATION_UPSTREAM_H_
#define ZBROKER_TESTS_BENCH_SIMULATION_UPSTREAM_H_

#include <cstdint>
#include <functional>

#include "absl/time/time.h"
#include "tests/bench/simulation/event_queue.h"
#include "tests/bench/simulation/random.h"

namespace zbroker::simulation {

class Upstream {
 public:
  static constexpr int kLimitMax = 10;
  static constexpr absl::Duration kShortestLevel = absl::Minutes(20);
  static constexpr absl::Duration kLongestLevel = absl::Minutes(60);

  // Calls `changed` with the limit, now and after each change.
  Upstream(EventQueue& events, uint32_t seed, std::function<void(int limit)> changed);

  // A request arrives. False: it is refused; else it stays until Leave().
  bool Enter();
  void Leave() { --in_flight_; }

 private:
  void Change();

  EventQueue& events_;
  Random random_;
  std::function<void(int)> changed_;
  int limit_ = 0;
  int in_flight_ = 0;
};

}  // namespace zbroker::simulation

#endif  // ZBROKER_TESTS_BENCH_SIMULATION_UPSTREAM_H_
