#include "tests/bench/simulation/back_off.h"

#include <algorithm>
#include <utility>

namespace zbroker::simulation {

BackOff::BackOff(Means means) : means_(std::move(means)), random_(means_.seed, /*part=*/1001) {}

void BackOff::Answered(const Request& request, bool served) {
  if (served || retries_[request.id] >= kRetries) {
    retries_.erase(request.id);
    means_.finish(request, served);
    return;
  }
  const int retry = retries_[request.id]++;
  const absl::Duration delay = std::min(kFirstDelay * (1 << retry), kLongestDelay);
  means_.events.After(delay * (1 - kJitter * random_.Fraction()),
                      [this, request] { means_.send(request); });
}

}  // namespace zbroker::simulation
