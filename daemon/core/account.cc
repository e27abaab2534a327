#include "daemon/core/account.h"

#include <algorithm>
#include <utility>

#include "daemon/core/glob.h"

namespace zbroker::core {

Account::Account(AccountConfig config, absl::Duration age_after) : prices_(config) {
  Configure(std::move(config), age_after);
}

void Account::Configure(AccountConfig config, absl::Duration age_after) {
  config_ = std::move(config);
  windows_.clear();
  for (const WindowConfig& window : config_.windows) {
    windows_.emplace_back(window).SetWallClock(wall_);
  }
  recorded_resets_.assign(windows_.size(), std::nullopt);
  prices_.Configure(config_);
  slots.Configure(config_.slots, config_.pools);
  limit.Configure(config_);
  queue.Clear();
  queue.set_age_after(age_after);
  children.clear();
  retired = false;
  hours_until_ = BootTime() - absl::InfiniteDuration();
}

Window* Account::FindWindow(const std::string& name) {
  const auto found = std::find_if(windows_.begin(), windows_.end(), [&](const Window& window) {
    return window.config().name == name;
  });
  return found == windows_.end() ? nullptr : &*found;
}

Priority Account::PriorityFor(const Request& request, const std::vector<std::string>& programs,
                              bool background) const {
  const auto is_of = [&](const std::vector<std::string>& globs) {
    return std::any_of(programs.begin(), programs.end(), [&](const std::string& program) {
      return !program.empty() && AnyGlobMatches(globs, program);
    });
  };
  for (const PriorityRule& rule : config_.priority_rules) {
    if (!rule.models.empty() && !AnyGlobMatches(rule.models, request.model)) continue;
    if (!rule.programs.empty() && !is_of(rule.programs)) continue;
    if (rule.background && *rule.background != background) continue;
    return rule.priority;
  }
  return background ? Priority::kBackground : Priority::kNormal;
}

void Account::ObserveHold(absl::Duration held) {
  // Exponentially weighted: the last ten or so leases count.
  mean_hold_ = mean_hold_ ? *mean_hold_ * 0.9 + held * 0.1 : held;
}

absl::Duration Account::expected_hold() const {
  // A request takes about so long, when nothing is known yet; and never nothing.
  return std::max(mean_hold_.value_or(absl::Seconds(10)), absl::Milliseconds(1));
}

}  // namespace zbroker::core
