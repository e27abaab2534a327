#include "daemon/core/happening.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace zbroker::core {
namespace {

constexpr absl::string_view kHappeningNames[kHappeningKinds] = {
    "wall",       "reset",      "breaker",      "breaker_end", "plan",        "plan_end",
    "limit",      "throttles",  "waiting",      "waiting_end", "lost",        "ledger",
    "ledger_end", "gateway_up", "gateway_down", "config",      "config_error"};

constexpr std::pair<HappeningKind, HappeningKind> kEpisodes[] = {
    {HappeningKind::kWall, HappeningKind::kReset},
    {HappeningKind::kBreaker, HappeningKind::kBreakerEnd},
    {HappeningKind::kPlan, HappeningKind::kPlanEnd},
    {HappeningKind::kWaiting, HappeningKind::kWaitingEnd},
    {HappeningKind::kLedger, HappeningKind::kLedgerEnd},
    {HappeningKind::kGatewayUp, HappeningKind::kGatewayDown}};

}  // namespace

absl::string_view Name(HappeningKind kind) { return kHappeningNames[static_cast<size_t>(kind)]; }

std::optional<HappeningKind> ParseHappeningKind(absl::string_view name) {
  const auto* found = std::ranges::find(kHappeningNames, name);
  if (found == std::end(kHappeningNames)) return std::nullopt;
  return static_cast<HappeningKind>(found - std::begin(kHappeningNames));
}

std::optional<HappeningKind> EndOf(HappeningKind kind) {
  for (const auto& [begin, end] : kEpisodes) {
    if (begin == kind) return end;
  }
  return std::nullopt;
}

std::optional<HappeningKind> BeginOf(HappeningKind kind) {
  for (const auto& [begin, end] : kEpisodes) {
    if (end == kind) return begin;
  }
  return std::nullopt;
}

}  // namespace zbroker::core
