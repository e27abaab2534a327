// No broker: every client sends at once and tries again by itself, as the vendors' SDKs do.
#ifndef ZBROKER_TESTS_BENCH_SIMULATION_BACK_OFF_H_
#define ZBROKER_TESTS_BENCH_SIMULATION_BACK_OFF_H_

#include "absl/container/flat_hash_map.h"
#include "tests/bench/simulation/policy.h"
#include "tests/bench/simulation/random.h"

namespace zbroker::simulation {

class BackOff : public Policy {
 public:
  // As Claude Code does: so many retries, then the request has failed.
  static constexpr int kRetries = 10;
  static constexpr absl::Duration kFirstDelay = absl::Milliseconds(500);
  static constexpr absl::Duration kLongestDelay = absl::Seconds(8);
  static constexpr double kJitter = 0.25;  // up to so much of the delay is taken off

  explicit BackOff(Means means);

  void Ask(const Request& request) override { means_.send(request); }
  void Answered(const Request& request, bool served) override;

 private:
  Means means_;
  Random random_;
  absl::flat_hash_map<int, int> retries_;  // of requests that were refused, by id
};

}  // namespace zbroker::simulation

#endif  // ZBROKER_TESTS_BENCH_SIMULATION_BACK_OFF_H_
