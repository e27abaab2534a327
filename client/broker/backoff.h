// Pauses between attempts.
#ifndef ZBROKER_CLIENT_BROKER_BACKOFF_H_
#define ZBROKER_CLIENT_BROKER_BACKOFF_H_

#include <algorithm>

#include "absl/time/time.h"

namespace zbroker::broker {

// Each twice as long as the one before, up to the longest.
class Backoff {
 public:
  Backoff(absl::Duration first, absl::Duration longest)
      : first_(first), longest_(longest), next_(first) {}

  absl::Duration Next() {
    const absl::Duration pause = next_;
    next_ = std::min(next_ * 2, longest_);
    return pause;
  }
  void Reset() { next_ = first_; }

  absl::Duration longest() const { return longest_; }

 private:
  absl::Duration first_;
  absl::Duration longest_;
  absl::Duration next_;
};

}  // namespace zbroker::broker

#endif  // ZBROKER_CLIENT_BROKER_BACKOFF_H_
