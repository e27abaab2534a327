#include "shims/meter/pace.h"

#include <algorithm>

namespace zbroker::meter {

void Pace::Ended(Result result) {
  constexpr int kTroublesMax = 10;
  away_ = result == Result::kAway;
  if (away_) return;
  silent_ = result == Result::kSilent;
  troubles_ = result == Result::kTrouble ? std::min(troubles_ + 1, kTroublesMax) : 0;
}

absl::Duration Pace::gap() const {
  const absl::Duration slowest = std::max(every_, kSlowest);
  if (away_) return std::min(every_, kAwayGap);
  if (silent_) return slowest;
  return std::min(every_ * (1 << troubles_), slowest);
}

}  // namespace zbroker::meter
