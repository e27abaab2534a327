#include "daemon/core/left_behind.h"

#include <algorithm>

namespace zbroker::core {

void LeftBehind::Configure(absl::Duration shortest) {
  if (shortest != shortest_) hold_ = shortest;
  shortest_ = shortest;
}

void LeftBehind::Freed(BootTime now) {
  freed_.push_back(now);
  if (freed_.size() > kMost) freed_.pop_front();
}

size_t LeftBehind::TakeBefore(BootTime granted) {
  size_t suspects = 0;
  while (!freed_.empty() && freed_.front() <= granted) {
    if (granted - freed_.front() < kSuspect) ++suspects;
    freed_.pop_front();
  }
  return suspects;
}

bool LeftBehind::Explains(BootTime granted) {
  if (TakeBefore(granted) == 0) return false;
  hold_ = std::min(2 * hold_, std::max(kLongest, shortest_));
  return true;
}

void LeftBehind::ServedAtLimit(BootTime granted) {
  if (TakeBefore(granted) > 0) hold_ = std::max(hold_ * 0.75, shortest_);
}

}  // namespace zbroker::core
