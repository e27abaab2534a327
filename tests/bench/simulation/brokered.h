// The real core::Broker, driven as the engine drives it, with clients that behave as the gateway
// does: a request that is throttled goes back into the queue with its ticket, and nobody sees it.
#ifndef ZBROKER_TESTS_BENCH_SIMULATION_BROKERED_H_
#define ZBROKER_TESTS_BENCH_SIMULATION_BROKERED_H_

#include <string>

#include "absl/container/flat_hash_map.h"
#include "daemon/core/broker.h"
#include "tests/bench/simulation/policy.h"

namespace zbroker::simulation {

class Brokered : public Policy {
 public:
  enum class Knows { kNothing, kTheLimits };

  Brokered(Means means, const core::SlotsConfig& slots, Knows knows);

  void Ask(const Request& request) override;
  void Answered(const Request& request, bool served) override;
  void UpstreamChanged(const Limits& limits) override;

 private:
  struct Asked {
    Request request;
    core::LeaseId lease = 0;  // 0: it waits
  };

  static core::Client ClientOf(const Request& request);
  core::Acquire AcquireFor(const Request& request) const;
  void Apply(const core::Command& command) { broker_.Apply(command, means_.events.now(), batch_); }
  // Ends the batch, and sends what was granted.
  void Settle();
  void SleepUntilDeadline();

  Means means_;
  const Knows knows_;
  core::Broker broker_;
  core::Effects batch_;
  absl::flat_hash_map<std::string, Asked> asked_;  // by ticket
  BootTime wake_ = BootTime::InfiniteFuture();
};

}  // namespace zbroker::simulation

#endif  // ZBROKER_TESTS_BENCH_SIMULATION_BROKERED_H_
