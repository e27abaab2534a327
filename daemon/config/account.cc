#include "daemon/config/account.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/config/mcp.h"
#include "daemon/config/hours.h"
#include "daemon/config/presets.h"
#include "daemon/config/rules.h"
#include "daemon/config/windows.h"

namespace zbroker::config {
namespace {

using core::SlotsConfig;

constexpr std::pair<absl::string_view, Plan> kPlans[] = {
    {"lite", Plan::kLite}, {"pro", Plan::kPro}, {"max", Plan::kMax}};
constexpr std::pair<absl::string_view, Generation> kGenerations[] = {
    {"v1", Generation::kV1}, {"v2", Generation::kV2}, {"v3", Generation::kV3}};
constexpr double kLargestMcpCredits = 1e6;
constexpr int kLargestTree = 100'000;

// By the provider's clocks.
absl::CivilSecond AtProvider(const DateTime& time) {
  if (!time.zone.has_value()) return time.civil;
  return absl::ToCivilSecond(absl::FromCivil(time.civil, *time.zone), ProviderZone());
}

// What the account has before anything else of its section is read.
core::AccountConfig ReadPlan(TableReader& reader) {
  const std::optional<Plan> plan = reader.Choice("plan", kPlans);
  const bool plan_is_known = reader.ok();
  const std::optional<Generation> generation = reader.Choice("generation", kGenerations);
  const std::optional<DateTime> purchased = reader.Date("purchased");
  if (plan.has_value()) {
    return PresetOf(*plan, generation.value_or(Generation::kV3),
                    purchased ? std::optional(AtProvider(*purchased)) : std::nullopt);
  }
  constexpr absl::string_view kNeedsPlan =
      "says nothing without a plan; expected plan = \"lite\", \"pro\" or \"max\" beside it";
  if (generation.has_value() && plan_is_known) reader.RejectKey("generation", kNeedsPlan);
  if (purchased.has_value() && plan_is_known) reader.RejectKey("purchased", kNeedsPlan);
  return {};
}

// Reports what contradicts what; two bounds that are absent contradict nothing.
void CheckOrder(TableReader& slots, absl::string_view low_key, std::optional<int> low,
                absl::string_view high_key, std::optional<int> high) {
  if (!low || !high || *low <= *high) return;
  slots.RejectKey(low_key, absl::StrCat(*low, " is above ", high_key, ", ", *high,
                                        "; expected min ≤ limit ≤ max"));
}

// What is absent gives way to what is there.
SlotsConfig ReadSlots(TableReader& slots, const SlotsConfig& otherwise) {
  SlotsConfig config = otherwise;
  const auto limit = slots.Integer("limit", 1, SlotsConfig::kLargest);
  config.learn = slots.Boolean("learn").value_or(config.learn);
  const auto min = slots.Integer("min", 1, SlotsConfig::kLargest);
  const auto max = slots.Integer("max", 1, SlotsConfig::kLargest);
  CheckOrder(slots, "min", min, "max", max);
  CheckOrder(slots, "min", min, "limit", limit);
  CheckOrder(slots, "limit", limit, "max", max);
  config.max = max.value_or(std::max({config.max, limit.value_or(1), min.value_or(1)}));
  config.min = min.value_or(std::min(config.min, config.max));
  config.limit = limit.value_or(std::max(config.min, std::min(config.limit, config.max)));

  config.reserve_interactive =
      slots.Integer("reserve_interactive", 0, SlotsConfig::kLargest - 1).value_or(0);
  if (config.reserve_interactive >= config.max && slots.ok()) {
    slots.RejectKey("reserve_interactive",
                    absl::StrCat(config.reserve_interactive, " leaves none of max, ", config.max,
                                 ", to others; expected less"));
  }
  config.reserve_outside =
      slots.Integer("reserve_outside", 0, SlotsConfig::kLargest - 1).value_or(0);
  if (config.reserve_outside >= config.limit && slots.ok()) {
    slots.RejectKey("reserve_outside",
                    absl::StrCat(config.reserve_outside, " leaves none of limit, ", config.limit,
                                 ", to us; expected less"));
  }
  config.per_session = slots.Integer("per_session", 0, SlotsConfig::kLargest).value_or(0);
  config.per_tree = slots.Integer("per_tree", 0, kLargestTree).value_or(config.per_tree);
  slots.RejectOtherKeys();
  return config;
}

// Those of the file come first: the first that matches counts.
template <typename Rule>
void Prepend(std::vector<Rule> of_file, std::vector<Rule>& rules) {
  rules.insert(rules.begin(), of_file.begin(), of_file.end());
}

// REQUIRES: the rates are in `account`.
void CheckCredits(TableReader& reader, const core::AccountConfig& account) {
  const bool priced = !account.rates.empty() || account.mcp_credits > 0;
  const bool counted = std::ranges::any_of(account.windows, [](const core::WindowConfig& window) {
    return window.unit == core::Unit::kCredits;
  });
  if (!counted || priced) return;
  reader.RejectKey("window",
                   absl::StrCat("a window counts credits, and nothing costs any; expected "
                                "rates, [[account.",
                                reader.key(), ".rate]]"));
}

}  // namespace

core::AccountConfig ReadAccount(TableReader& reader, bool shadow) {
  core::AccountConfig account = ReadPlan(reader);
  account.name = reader.key();
  // For gateways, which look it up themselves: the daemon goes nowhere.
  reader.Url("upstream");
  account.shadow = reader.Boolean("shadow").value_or(shadow);
  if (std::optional<TableReader> slots = reader.Table("slots")) {
    account.slots = ReadSlots(*slots, account.slots);
  }
  if (std::optional<TableReader> peak = reader.Table("peak")) {
    account.peak = ReadHours(*peak, account.peak);
    peak->RejectOtherKeys();
  }
  // A pool is a limit, and all that match hold: one of the plan's would hold beside the file's.
  std::vector<core::PoolConfig> pools = ReadPools(reader);
  if (!pools.empty()) account.pools = std::move(pools);
  account.windows = ReadWindows(reader, std::move(account.windows));
  Prepend(ReadWeights(reader), account.weights);
  Prepend(ReadRates(reader), account.rates);
  account.mcp_credits =
      reader.Number("mcp_credits", kLargestMcpCredits).value_or(account.mcp_credits);
  account.schedules = ReadSchedules(reader);
  if (std::optional<TableReader> background = reader.Table("background")) {
    account.off_peak = background->Boolean("off_peak").value_or(false);
    background->RejectOtherKeys();
  }
  account.priority_rules = ReadPriorityRules(reader);
  // Relays of MCP servers look up themselves which tools it names.
  if (std::optional<TableReader> mcp = reader.Table("mcp")) account.mcp_slots = ReadMcp(*mcp).slots;
  if (reader.ok()) CheckCredits(reader, account);
  reader.RejectOtherKeys();
  return account;
}

}  // namespace zbroker::config
