// What a plan of the provider allows, as far as it is known.
#ifndef ZBROKER_DAEMON_CONFIG_PRESETS_H_
#define ZBROKER_DAEMON_CONFIG_PRESETS_H_

#include <optional>

#include "absl/time/civil_time.h"
#include "daemon/core/config.h"

namespace zbroker::config {

enum class Plan { kLite, kPro, kMax };

// When the plan was bought, which decides what its quotas count.
enum class Generation {
  kV1,  // up to 2026-02-12: prompts in five hours
  kV2,  // up to 2026-07-30: prompts in five hours and in a week, more for some models
  kV3,  // since: credits in five hours and in a week
};

// Slots, pools, windows, weights and rates of the plan. All figures are what the provider has
// published or users have seen: approximate, so no window is harder than Enforce::kProbe.
//
//   window  resets
//   5h      from first use: the documentation says rolling, captures show one fixed instant
//   week    every seven days from the purchase; not in v1
//   mcp     every month from the purchase: calls of the provider's own tools but vision
//
// `purchased` is by the provider's clocks, UTC+8. Without it the resets of week and month are
// unknown until the provider tells them.
core::AccountConfig PresetOf(Plan plan, Generation generation,
                             std::optional<absl::CivilSecond> purchased);

}  // namespace zbroker::config

#endif  // ZBROKER_DAEMON_CONFIG_PRESETS_H_
