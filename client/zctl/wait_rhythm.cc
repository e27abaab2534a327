#include "client/zctl/wait_rhythm.h"

namespace zbroker::zctl {
namespace {

// What comes early, since somebody acts or the meter says so, is to be seen within a second.
constexpr absl::Duration kLook = absl::Milliseconds(700);

}  // namespace

WaitRhythm RhythmFor(absl::Time now, std::optional<absl::Time> at, double stagger) {
  if (!at || *at <= now) return {.interval = kLook, .nap = std::nullopt};
  const absl::Duration left = *at - now;
  if (left <= kLook) return {.interval = kLook, .nap = left + stagger * kWaitStagger};
  return {.interval = kLook, .nap = std::nullopt};
}

}  // namespace zbroker::zctl
