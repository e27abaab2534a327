#include "tests/bench/simulation/upstream.h"

#include <utility>

namespace zbroker::simulation {

Upstream::Upstream(EventQueue& events, uint32_t seed, std::function<void(int)> changed)
    : events_(events), random_(seed, /*part=*/1000), changed_(std::move(changed)) {
  Change();
}

void Upstream::Change() {
  int next = limit_;
  while (next == limit_) next = random_.Uniform(1, kLimitMax);
  limit_ = next;
  changed_(limit_);
  events_.After(random_.Uniform(kShortestLevel, kLongestLevel), [this] { Change(); });
}

bool Upstream::Enter() {
  if (in_flight_ >= limit_) return false;
  ++in_flight_;
  return true;
}

}  // namespace zbroker::simulation
