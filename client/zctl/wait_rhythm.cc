#include "client/zctl/wait_rhythm.h"

namespace zbroker::zctl {
namespace {

constexpr absl::Duration kNear = absl::Seconds(1);
constexpr absl::Duration kFar = absl::Seconds(5);

}  // namespace

WaitRhythm RhythmFor(absl::Time now, std::optional<absl::Time> at, double stagger) {
  if (!at || *at <= now) return {.interval = kNear, .nap = std::nullopt};
  const absl::Duration left = *at - now;
  if (left <= kNear) return {.interval = kNear, .nap = left + stagger * kWaitStagger};
  return {.interval = left > 2 * kFar ? kFar : kNear, .nap = std::nullopt};
}

}  // namespace zbroker::zctl
