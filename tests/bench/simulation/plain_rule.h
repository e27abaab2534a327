// A router's plain rule, without a broker: first come, first served, as many at once as a cap says.
// On a refusal the cap falls by one and the request waits before it is sent again; some successes
// while somebody waits raise the cap by one.
#ifndef ZBROKER_TESTS_BENCH_SIMULATION_PLAIN_RULE_H_
#define ZBROKER_TESTS_BENCH_SIMULATION_PLAIN_RULE_H_

#include <deque>
#include <vector>

#include "tests/bench/simulation/policy.h"
#include "tests/bench/simulation/random.h"

namespace zbroker::simulation {

class PlainRule : public Policy {
 public:
  static constexpr int kFirstCap = 3;
  static constexpr int kLargestCap = 16;
  static constexpr int kSuccesses = 4;
  static constexpr absl::Duration kShortestWait = absl::Seconds(10);
  static constexpr absl::Duration kLongestWait = absl::Seconds(20);

  enum class Caps { kOne, kOfEachModel };

  PlainRule(Means means, Caps caps);

  void Ask(const Request& request) override;
  void Answered(const Request& request, bool served) override;

 private:
  struct Lane {
    int cap = kFirstCap;
    int in_flight = 0;
    int successes = 0;
    BootTime no_rise_until;  // as long as those who were refused wait
    std::deque<Request> queue;
  };

  Lane& LaneOf(const Request& request);
  void Send(Lane& lane);

  Means means_;
  const Caps caps_;
  Random random_;
  std::vector<Lane> lanes_;
};

}  // namespace zbroker::simulation

#endif  // ZBROKER_TESTS_BENCH_SIMULATION_PLAIN_RULE_H_
