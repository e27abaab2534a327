#include "daemon/core/meter.h"

#include <algorithm>
#include <utility>

#include "absl/numeric/int128.h"
#include "daemon/core/reaction.h"

namespace zbroker::core {
namespace {

constexpr Amount kWhole = Amount::FromMicros(100'000'000);
// The meter may be minutes behind, and what it says is cut off.
constexpr Amount kRoomBelow = Amount::FromMicros(90'000'000);
constexpr Amount kPoint = Amount::FromMicros(1'000'000);

bool IsOfLength(const MeterRow& row, const WindowConfig& window) {
  if (row.months > 0 || window.months > 0) return row.months == window.months;
  return row.length == window.length;
}

// A plan's own quota, by whatever the plan is sold.
bool IsPlans(Unit unit) {
  return unit == Unit::kPrompts || unit == Unit::kTokens || unit == Unit::kCredits;
}

bool CountsSame(const MeterRow& row, const WindowConfig& window) {
  return row.unit == window.unit || (IsPlans(row.unit) && IsPlans(window.unit));
}

Amount ShareOf(Amount limit, Amount percent) {
  const absl::int128 micros =
      absl::int128(limit.micros()) * percent.micros() / absl::int128(kWhole.micros());
  constexpr auto kMost = static_cast<int64_t>(Amount::kLargest) * 1'000'000;
  return Amount::FromMicros(static_cast<int64_t>(std::min<absl::int128>(micros, kMost)));
}

// How much more than it says a percentage may be.
Amount CutOff(const MeterRow& row) {
  if (row.used && row.limit) return Amount();
  return row.percent.micros() % kPoint.micros() == 0 ? kPoint
                                                     : Amount::FromMicros(kPoint.micros() / 10);
}

absl::Duration LongestOf(const MeterRow& row) {
  return row.months > 0 ? row.months * absl::Hours(24 * 31) : row.length;
}

}  // namespace

const MeterRow* RowFor(const WindowConfig& window, const std::vector<MeterRow>& rows) {
  // The provider counts all models, and all of its own tools.
  if (!window.models.empty() && !window.metered) return nullptr;
  const MeterRow* best = nullptr;
  for (const MeterRow& row : rows) {
    if (!IsOfLength(row, window) || !CountsSame(row, window)) continue;
    const auto rank = [&](const MeterRow& one) {
      return std::pair(one.unit == window.unit, one.percent);
    };
    if (best == nullptr || rank(row) > rank(*best)) best = &row;
  }
  return best;
}

std::optional<Amount> Drift(const MeterRow& row, const WindowConfig& window, Amount used,
                            Amount unsure) {
  Amount least, most;
  if (row.unit == window.unit && row.used) {
    // Whole numbers of what is no whole number.
    const bool cut = row.unit == Unit::kCredits || row.unit == Unit::kTokens;
    least = *row.used;
    most = least + (cut ? kPoint : Amount());
  } else if (window.limit > Amount()) {
    least = ShareOf(window.limit, row.percent);
    most = ShareOf(window.limit, row.percent + CutOff(row));
    // Beyond its end no meter counts.
    if (row.percent >= kWhole) most = std::max(most, used);
  } else {
    return std::nullopt;
  }
  const Amount sure = used - std::min(used, unsure);
  if (least > used) return least - used;
  if (most < sure) return most - sure;
  return Amount();
}

bool ShowRoom(const std::vector<MeterRow>& rows, const Block& wall) {
  if (wall.reason != BlockReason::kWall || wall.scope == Scope::kModel) return false;
  const bool of_tools = wall.scope == Scope::kKind && wall.kind == Kind::kMcp;
  bool long_enough = false;
  for (const MeterRow& row : rows) {
    if ((row.unit == Unit::kMcpCalls) != of_tools) continue;
    if (row.percent > kRoomBelow) return false;
    long_enough = long_enough || LongestOf(row) + kWallSlack >= wall.until - wall.since;
  }
  return long_enough;
}

}  // namespace zbroker::core
