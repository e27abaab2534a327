#include "tests/bench/samples.h"

#include <algorithm>
#include <cmath>

namespace zbroker::bench {

void Samples::Add(const Samples& other) {
  all_.insert(all_.end(), other.all_.begin(), other.all_.end());
}

absl::Duration Samples::Percentile(double percent) const {
  if (all_.empty()) return absl::ZeroDuration();
  const double rank = std::ceil(percent / 100 * static_cast<double>(all_.size()));
  std::vector<absl::Duration> sorted = all_;
  const auto at = sorted.begin() + static_cast<ptrdiff_t>(rank) - 1;
  std::nth_element(sorted.begin(), at, sorted.end());
  return *at;
}

}  // namespace zbroker::bench
