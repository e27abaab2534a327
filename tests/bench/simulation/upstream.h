// The model of the upstream: serves so many requests at once, of the account and perhaps of each
// model, and refuses the next, at once, without saying because of which of them. It tells nobody
// how many, and changes the numbers now and then. What it serves it never cuts off.
#ifndef ZBROKER_TESTS_BENCH_SIMULATION_UPSTREAM_H_
#define ZBROKER_TESTS_BENCH_SIMULATION_UPSTREAM_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "absl/time/time.h"
#include "tests/bench/simulation/event_queue.h"
#include "tests/bench/simulation/random.h"

namespace zbroker::simulation {

// What it serves at once.
struct Limits {
  int account = 1;
  std::vector<int> models;  // empty: no model is limited
};

// How an upstream behaves.
struct Nature {
  struct Range {
    int least = 1, most = 1;
  };
  Range account;
  size_t models = 0;  // so many have limits of their own
  Range model;
  // Now and then the account's limit falls for a moment and comes back.
  bool dips = false;
};

class Upstream {
 public:
  // Each limit stands for so long before it moves, and from one dip to the next it takes so long.
  static constexpr absl::Duration kShortestLevel = absl::Minutes(20);
  static constexpr absl::Duration kLongestLevel = absl::Minutes(60);
  static constexpr absl::Duration kShortestCalm = absl::Minutes(10);
  static constexpr absl::Duration kLongestCalm = absl::Minutes(20);
  static constexpr absl::Duration kShortestDip = absl::Seconds(3);
  static constexpr absl::Duration kLongestDip = absl::Seconds(60);

  // Calls `changed` with the limits, now and after each change.
  Upstream(EventQueue& events, uint32_t seed, const Nature& nature,
           std::function<void(const Limits&)> changed);

  // A request arrives. False: it is refused; else it stays until Leave().
  bool Enter(size_t model);
  void Leave(size_t model);

 private:
  // A limit that moves.
  struct Level {
    Nature::Range range;
    Random random;
    int value = 0;
  };

  void Move(size_t level);
  void Dip();
  void Tell();

  EventQueue& events_;
  const Nature nature_;
  const std::function<void(const Limits&)> changed_;
  std::vector<Level> levels_;  // the account's, then each model's
  Random dips_;
  int dipped_ = 0;  // what the account is limited to for the moment; 0: it is not
  Limits limits_;
  int in_flight_ = 0;
  std::vector<int> in_flight_of_;  // by model, of those that are limited
};

}  // namespace zbroker::simulation

#endif  // ZBROKER_TESTS_BENCH_SIMULATION_UPSTREAM_H_
