// What decides when a request is sent upstream: the subject of the comparison.
#ifndef ZBROKER_TESTS_BENCH_SIMULATION_POLICY_H_
#define ZBROKER_TESTS_BENCH_SIMULATION_POLICY_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/bench/simulation/event_queue.h"
#include "tests/bench/simulation/upstream.h"
#include "tests/bench/simulation/workload.h"

namespace zbroker::simulation {

// What a policy can do.
struct Means {
  EventQueue& events;
  uint32_t seed = 0;
  // Sends it upstream; Answered() follows, later.
  std::function<void(const Request&)> send;
  // Its session gets an answer, or an error.
  std::function<void(const Request&, bool served)> finish;
};

class Policy {
 public:
  virtual ~Policy() = default;
  virtual void Ask(const Request& request) = 0;
  // What the upstream made of a request that was sent.
  virtual void Answered(const Request& request, bool served) = 0;
  // Only for a policy that knows what nobody can know.
  virtual void UpstreamChanged(const Limits& /*limits*/) {}
};

struct NamedPolicy {
  std::string name;
  std::string words;  // for --help
  std::unique_ptr<Policy> (*make)(Means means);
};

// The first is what the others are compared with.
const std::vector<NamedPolicy>& Policies();

}  // namespace zbroker::simulation

#endif  // ZBROKER_TESTS_BENCH_SIMULATION_POLICY_H_
