// Virtual time: what is to happen, in order of time, and at one instant in order of arrival.
#ifndef ZBROKER_TESTS_BENCH_SIMULATION_EVENT_QUEUE_H_
#define ZBROKER_TESTS_BENCH_SIMULATION_EVENT_QUEUE_H_

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "absl/time/time.h"
#include "client/base/clock.h"

namespace zbroker::simulation {

class EventQueue {
 public:
  using Action = std::function<void()>;

  BootTime now() const { return now_; }

  // An instant in the past counts as now.
  void At(BootTime at, Action action) {
    actions_.emplace(std::pair(std::max(at, now_), ++last_), std::move(action));
  }
  void After(absl::Duration delay, Action action) { At(now_ + delay, std::move(action)); }

  // Everything before `end`, which is then the present.
  void RunUntil(BootTime end) {
    while (!actions_.empty() && actions_.begin()->first.first < end) {
      auto next = actions_.extract(actions_.begin());
      now_ = next.key().first;
      next.mapped()();
    }
    now_ = end;
  }

 private:
  BootTime now_;
  uint64_t last_ = 0;
  std::map<std::pair<BootTime, uint64_t>, Action> actions_;
};

}  // namespace zbroker::simulation

#endif  // ZBROKER_TESTS_BENCH_SIMULATION_EVENT_QUEUE_H_
