// What is known of the plans that the upstream sells, as words and dates. Their figures are the
// daemon's (daemon/config/presets.h); those by which the meter's are recognised are here too.
#ifndef ZBROKER_SHIMS_ZAI_PLAN_H_
#define ZBROKER_SHIMS_ZAI_PLAN_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace zbroker::zai {

// "lite", "pro" and "max".
const std::vector<std::string>& Plans();

// "v1", "v2" and "v3": a plan counts what those count that were sold when it was bought.
const std::vector<std::string>& Generations();

// Which plan allows so much in the window of this unit ("credits", "mcp_calls") and length; zero: a
// month. Empty: none does, or it can't be told apart, as prompts can't.
absl::string_view PlanThatAllows(absl::string_view unit, absl::Duration length, double allowance);

// That of plans bought on this day, by the clocks of the provider, UTC+8.
absl::string_view GenerationOf(absl::CivilDay bought);

// No plan is older.
inline constexpr absl::CivilDay kFirstPlan(2025, 1, 1);

// The two sites of the provider. An account belongs to one of them.
struct Site {
  std::string name;  // "zai"
  std::string host;  // "api.z.ai"
  std::string url;   // its base URL for Anthropic clients
};
const std::vector<Site>& Sites();

}  // namespace zbroker::zai

#endif  // ZBROKER_SHIMS_ZAI_PLAN_H_
