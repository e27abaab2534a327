#include "daemon/core/served_levels.h"

#include <algorithm>

namespace zbroker::core {

void ServedLevels::Note(int in_flight, BootTime granted) {
  if (LastAt(in_flight) >= granted) return;
  std::erase_if(steps_, [&](const Step& step) {
    return step.in_flight <= in_flight && step.granted <= granted;
  });
  const auto place = std::find_if(steps_.begin(), steps_.end(),
                                  [&](const Step& step) { return step.in_flight < in_flight; });
  steps_.insert(place, {in_flight, granted});
}

void ServedLevels::Refused(int in_flight) {
  std::erase_if(steps_, [&](const Step& step) { return step.in_flight >= in_flight; });
}

BootTime ServedLevels::LastAt(int in_flight) const {
  BootTime last = BootTime() - absl::InfiniteDuration();
  for (const Step& step : steps_) {
    if (step.in_flight >= in_flight) last = std::max(last, step.granted);
  }
  return last;
}

}  // namespace zbroker::core
