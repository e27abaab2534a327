#include "tests/bench/simulation/plain_rule.h"

#include <algorithm>
#include <utility>

namespace zbroker::simulation {

PlainRule::PlainRule(Means means, Caps caps)
    : means_(std::move(means)), caps_(caps), random_(means_.seed, /*part=*/1003) {}

PlainRule::Lane& PlainRule::LaneOf(const Request& request) {
  const size_t index = caps_ == Caps::kOne ? 0 : request.model;
  if (index >= lanes_.size()) lanes_.resize(index + 1);
  return lanes_[index];
}

void PlainRule::Ask(const Request& request) {
  Lane& lane = LaneOf(request);
  lane.queue.push_back(request);
  Send(lane);
}

void PlainRule::Answered(const Request& request, bool served) {
  const BootTime now = means_.events.now();
  Lane& lane = LaneOf(request);
  --lane.in_flight;
  if (served) {
    if (lane.queue.empty() || now < lane.no_rise_until) {
      lane.successes = 0;
    } else if (++lane.successes >= kSuccesses) {
      lane.successes = 0;
      lane.cap = std::min(lane.cap + 1, kLargestCap);
    }
    means_.finish(request, true);
  } else {
    lane.successes = 0;
    lane.cap = std::max(lane.cap - 1, 1);
    const absl::Duration wait = random_.Uniform(kShortestWait, kLongestWait);
    lane.no_rise_until = now + wait;
    means_.events.After(wait, [this, request] {
      Lane& again = LaneOf(request);
      again.queue.push_front(request);
      Send(again);
    });
  }
  Send(LaneOf(request));
}

void PlainRule::Send(Lane& lane) {
  while (!lane.queue.empty() && lane.in_flight < lane.cap) {
    const Request request = lane.queue.front();
    lane.queue.pop_front();
    ++lane.in_flight;
    means_.send(request);
  }
}

}  // namespace zbroker::simulation
