#include "daemon/config/presets.h"

#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "daemon/config/hours.h"

namespace zbroker::config {
namespace {

using core::RateConfig;
using core::Unit;
using core::WeightConfig;
using core::WindowConfig;

// Lite, pro, max.
using Figures = std::array<double, 3>;

constexpr std::array<int, 3> kSlots = {2, 3, 4};
constexpr int kFlashSlots = 1;
constexpr Figures kMcpCallsOfMonth = {100, 1'000, 4'000};
constexpr double kMcpCredits = 1.2;

struct Quotas {
  Unit unit;
  Figures of_five_hours;
  Figures of_week;  // zero: none
};

constexpr std::array<Quotas, 3> kQuotas = {{
    {Unit::kPrompts, {120, 600, 2'400}, {}},
    {Unit::kPrompts, {80, 400, 1'600}, {400, 2'000, 8'000}},
    {Unit::kCredits, {2'000, 12'000, 28'000}, {10'000, 60'000, 140'000}},
}};

core::Amount ToAmount(double figure) { return core::Amount::FromDouble(figure).value(); }

// When some models cost more.
core::WeekHours Peak() {
  return {.days = {true, true, true, true, true, false, false},
          .from_minute = 14 * 60,
          .to_minute = 18 * 60,
          .zone = ProviderZone()};
}

// The later rule is that of all other hours.
void AddWeights(std::vector<WeightConfig>& weights, const std::vector<std::string>& models,
                double peak, double off_peak) {
  weights.push_back({.models = models, .weight = peak, .when = Peak()});
  weights.push_back({.models = models, .weight = off_peak});
}

std::vector<WeightConfig> WeightsOf(Generation generation) {
  std::vector<WeightConfig> weights;
  if (generation == Generation::kV2) {
    AddWeights(weights, {"glm-5.3-flash*"}, 1.2, 0.4);
    AddWeights(weights, {"glm-5.3*"}, 3, 1);
    // GLM-5, 5.1 and 5-Turbo; and what may come, which was never cheaper.
    AddWeights(weights, {"glm-5*"}, 3, 2);
  } else if (generation == Generation::kV3) {
    AddWeights(weights, {"*"}, 1, 0.5);
  }
  return weights;
}

std::vector<RateConfig> RatesOf(Generation generation) {
  if (generation != Generation::kV3) return {};
  // The last two are guesses for models that the provider has not priced: free would be worse.
  return {
      {.models = {"glm-5.3-flash*"}, .input = 2.3, .cached = 0.56, .output = 8},
      {.models = {"glm-5.3*"}, .input = 6.9, .cached = 1.7, .output = 24},
      {.models = {"glm-5-turbo*"}, .input = 5.7, .cached = 1.5, .output = 21},
      {.models = {"glm-4.7*"}, .input = 4.6, .cached = 1.2, .output = 16},
      {.models = {"glm-4.6v*"}, .input = 1.2, .cached = 0.3, .output = 2.7},
      {.models = {"glm-5*"}, .input = 6.9, .cached = 1.7, .output = 24},
      {.models = {"*"}, .input = 4.6, .cached = 1.2, .output = 16},
  };
}

std::vector<WindowConfig> WindowsOf(size_t plan, const Quotas& quotas,
                                    std::optional<absl::CivilSecond> purchased) {
  const WindowConfig any{.enforce = core::Enforce::kProbe,
                         .kind = core::WindowKind::kAnchored,
                         .zone = ProviderZone()};
  WindowConfig five_hours = any;
  five_hours.name = "5h";
  five_hours.unit = quotas.unit;
  five_hours.length = absl::Hours(5);
  five_hours.limit = ToAmount(quotas.of_five_hours[plan]);

  WindowConfig week = any;
  week.name = "week";
  week.unit = quotas.unit;
  week.length = absl::Hours(7 * 24);
  week.limit = ToAmount(quotas.of_week[plan]);
  week.anchor = purchased;

  WindowConfig mcp = any;
  mcp.name = "mcp";
  mcp.unit = Unit::kMcpCalls;
  mcp.months = 1;
  mcp.limit = ToAmount(kMcpCallsOfMonth[plan]);
  mcp.anchor = purchased;
  // One pool for web search, the reader and zread; vision costs a model's requests.
  mcp.models = {"web_search*", "webSearch*", "web_reader*",       "webReader*",
                "zread/*",     "search_doc", "get_repo_structure"};
  mcp.metered = true;

  if (week.limit == core::Amount()) return {five_hours, mcp};
  return {five_hours, week, mcp};
}

}  // namespace

core::AccountConfig PresetOf(Plan plan, Generation generation,
                             std::optional<absl::CivilSecond> purchased) {
  const auto column = static_cast<size_t>(plan);
  core::AccountConfig account;
  account.slots.limit = kSlots[column];
  account.pools = {{.models = {"*flash*"}, .limit = kFlashSlots}};
  account.windows = WindowsOf(column, kQuotas[static_cast<size_t>(generation)], purchased);
  account.weights = WeightsOf(generation);
  account.rates = RatesOf(generation);
  if (generation == Generation::kV3) account.mcp_credits = kMcpCredits;
  return account;
}

}  // namespace zbroker::config
