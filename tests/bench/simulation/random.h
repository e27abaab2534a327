// Draws of the simulation. Each of its parts has a generator of its own, so that what one policy
// does differently changes nothing of what the others are given to do.
#ifndef ZBROKER_TESTS_BENCH_SIMULATION_RANDOM_H_
#define ZBROKER_TESTS_BENCH_SIMULATION_RANDOM_H_

#include <cmath>
#include <cstdint>
#include <random>

#include "absl/time/time.h"

namespace zbroker::simulation {

class Random {
 public:
  // The same seed and part give the same draws.
  Random(uint32_t seed, uint32_t part) {
    std::seed_seq sequence{seed, part};
    generator_.seed(sequence);
  }

  int Uniform(int from, int to) { return std::uniform_int_distribution(from, to)(generator_); }
  double Fraction() { return std::uniform_real_distribution(0.0, 1.0)(generator_); }
  absl::Duration Uniform(absl::Duration from, absl::Duration to) {
    return from + (to - from) * Fraction();
  }

  // Lognormal; `sigma` is of the logarithm.
  absl::Duration Lognormal(absl::Duration median, double sigma) {
    return median * std::exp(std::normal_distribution(0.0, sigma)(generator_));
  }
  // The same, drawn again while it is outside the bounds.
  absl::Duration Lognormal(absl::Duration median, double sigma, absl::Duration from,
                           absl::Duration to) {
    for (;;) {
      const absl::Duration drawn = Lognormal(median, sigma);
      if (drawn >= from && drawn <= to) return drawn;
    }
  }

 private:
  std::mt19937 generator_;
};

}  // namespace zbroker::simulation

#endif  // ZBROKER_TESTS_BENCH_SIMULATION_RANDOM_H_
