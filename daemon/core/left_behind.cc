#include "daemon/core/left_behind.h"

#include <algorithm>

namespace zbroker::core {

void LeftBehind::Configure(absl::Duration shortest) {
  if (shortest != shortest_) hold_ = shortest;
  shortest_ = shortest;
}

void LeftBehind::Add(Slot slot) {
  freed_.push_back(slot);
  if (freed_.size() > kMost) freed_.pop_front();
}

LeftBehind::Suspects LeftBehind::TakeBefore(BootTime granted) {
  Suspects suspects;
  while (!freed_.empty() && freed_.front().freed <= granted) {
    const Slot& slot = freed_.front();
    if (granted - slot.freed < kSuspect) {
      suspects.any = true;
      suspects.end_seen |= slot.end_seen;
    }
    freed_.pop_front();
  }
  return suspects;
}

bool LeftBehind::Explains(BootTime granted, BootTime now) {
  const Suspects suspects = TakeBefore(granted);
  if (!suspects.any) return false;
  if (suspects.end_seen) {
    disbelieved_until_ = now + kDisbelief;
  } else {
    hold_ = std::min(2 * hold_, std::max(kLongest, shortest_));
  }
  return true;
}

void LeftBehind::ServedAtLimit(BootTime granted) {
  if (TakeBefore(granted).any) hold_ = std::max(hold_ * 0.75, shortest_);
}

}  // namespace zbroker::core
