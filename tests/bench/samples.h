// Measured lengths of time.
#ifndef ZBROKER_TESTS_BENCH_SAMPLES_H_
#define ZBROKER_TESTS_BENCH_SAMPLES_H_

#include <chrono>
#include <cstddef>
#include <vector>

#include "absl/time/time.h"

namespace zbroker::bench {

// The broker's clocks count microseconds, which is too coarse here.
using Instant = std::chrono::steady_clock::time_point;

inline Instant ReadClock() { return std::chrono::steady_clock::now(); }
inline absl::Duration Between(Instant earlier, Instant later) {
  return absl::FromChrono(later - earlier);
}

// Not thread-safe.
class Samples {
 public:
  void Add(absl::Duration sample) { all_.push_back(sample); }
  void Add(const Samples& other);
  void Clear() { all_.clear(); }

  size_t count() const { return all_.size(); }

  // The smallest sample that at least `percent` of all samples do not exceed (nearest rank): 100 is
  // the largest. Zero when there are no samples. REQUIRES: 0 < percent <= 100.
  absl::Duration Percentile(double percent) const;
  absl::Duration Median() const { return Percentile(50); }

 private:
  std::vector<absl::Duration> all_;
};

}  // namespace zbroker::bench

#endif  // ZBROKER_TESTS_BENCH_SAMPLES_H_
