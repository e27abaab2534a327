// Who asks, and for what: sessions that work the way agents do.
#ifndef ZBROKER_TESTS_BENCH_SIMULATION_WORKLOAD_H_
#define ZBROKER_TESTS_BENCH_SIMULATION_WORKLOAD_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "absl/time/time.h"
#include "client/base/clock.h"
#include "daemon/core/words.h"
#include "tests/bench/simulation/event_queue.h"
#include "tests/bench/simulation/random.h"

namespace zbroker::simulation {

struct Request {
  int id = 0;
  int session = 0;
  size_t model = 0;
  core::Priority priority = core::Priority::kNormal;
  absl::Duration service;  // what the upstream takes for it
  BootTime asked;
};

// How a session works: tasks of several turns; in each turn a burst of requests at once (the agent
// and its sub-agents); the next turn follows when the last of them has been answered and the agent
// has used its tools; the next task when a person has thought of one. All lengths are lognormal.
struct Habits {
  core::Priority priority = core::Priority::kNormal;
  int largest_burst = 1;  // uniform from one
  int fewest_turns = 1, most_turns = 1;
  absl::Duration median_between_turns;
  absl::Duration median_between_tasks;
  std::vector<double> models = {1};  // of its requests, so much are of each; the sum is one
};

// The sessions of a run: seven agents that are each other's equals, two persons who talk to an
// agent, and one agent whose work nobody waits for. All of them mix the models alike.
std::vector<Habits> Sessions(const std::vector<double>& models);

class Session {
 public:
  using Ask = std::function<void(const Request&)>;

  // Starts by itself. `ask` is called for each request.
  Session(EventQueue& events, const Habits& habits, int index, uint32_t seed, Ask ask);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  const Habits& habits() const { return habits_; }

  // One of its requests has been answered, or given up.
  void Finished();

 private:
  void BeginTask();
  void BeginTurn();
  size_t DrawModel();

  EventQueue& events_;
  const Habits habits_;
  const int index_;
  Random random_;
  const Ask ask_;
  int turns_left_ = 0;
  int outstanding_ = 0;
  int last_request_ = 0;
};

}  // namespace zbroker::simulation

#endif  // ZBROKER_TESTS_BENCH_SIMULATION_WORKLOAD_H_
