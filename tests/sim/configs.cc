#include "tests/sim/configs.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"

namespace zbroker::sim {
namespace {

constexpr core::Amount kLargest = Units(static_cast<int64_t>(core::Amount::kLargest));

}  // namespace

core::BrokerConfig Configs::Any() {
  core::BrokerConfig config = core::BrokerConfig::Defaults();
  config.accounts.clear();
  const int accounts = 1 + Random(3);
  for (int number = 0; number < accounts; ++number) config.accounts.push_back(AnyAccount(number));
  config.default_account = "a0";
  config.queue_max = static_cast<size_t>(5 + Random(Chance(20) ? 300 : 30));
  config.age_after = absl::Seconds(1 + Random(100));
  config.reclaim_grace = absl::Seconds(Random(12));
  config.unclean_hold = absl::Milliseconds(Random(3) * 500);
  return config;
}

core::AccountConfig Configs::AnyAccount(int number) {
  core::AccountConfig account{.name = absl::StrCat("a", number), .slots = {.limit = 1 + Random(4)}};
  account.slots.per_session = Chance(30) ? 1 + Random(2) : 0;
  account.slots.reserve_interactive = Chance(30) ? Random(3) : 0;
  account.slots.learn = Chance(60);
  if (Chance(20)) account.slots.max = account.slots.limit + Random(3);
  account.shadow = Chance(8);
  if (Chance(40)) account.pools.push_back({.models = {"m0", "x*"}, .limit = 1 + Random(2)});
  if (Chance(20)) account.pools.push_back({.models = {"m?"}, .limit = 1 + Random(3)});
  for (core::PoolConfig& pool : account.pools) pool.learn = Chance(30);
  const int windows = Random(4);
  for (int w = 0; w < windows; ++w) account.windows.push_back(AnyWindow(w));
  if (Chance(30)) account.weights.push_back({.models = {"m1"}, .weight = 0.5, .when = AnHour()});
  if (Chance(20)) account.weights.push_back({.models = {"*"}, .weight = 0, .when = AnHour()});
  if (Chance(10)) account.weights.push_back({.models = {"m2"}, .weight = 3, .when = AnHour()});
  if (Chance(20)) account.schedules.push_back({.when = AnHour(), .limit = 1 + Random(3)});
  account.rates.push_back({.models = {"m*"}, .input = 1, .output = 10});
  account.mcp_credits = Chance(50) ? 0 : 2.5;
  account.mcp_slots = Chance(40);
  account.off_peak = Chance(30);
  account.peak = AnHour();
  const int rules = Chance(40) ? 1 + Random(3) : 0;
  for (int rule = 0; rule < rules; ++rule) account.priority_rules.push_back(AnyRule());
  return account;
}

core::PriorityRule Configs::AnyRule() {
  core::PriorityRule rule{.priority = static_cast<core::Priority>(Random(3))};
  if (Chance(40)) rule.models = {absl::StrCat("m", Random(3))};
  if (Chance(30)) rule.programs = {absl::StrCat("p", Random(3))};
  if (Chance(30)) rule.background = Chance(50);
  return rule;
}

// Windows of seconds, which histories see fill and empty many times, may hold work up. Those of
// hours, days and months must not: whoever waits for one waits for longer than a history lasts. So
// none of these is filled by a single lease that turns out to have used all that can be.
core::WindowConfig Configs::AnyWindow(int number) {
  const int die = Random(100);
  core::WindowConfig window{.name = absl::StrCat("w", number),
                            .unit = static_cast<core::Unit>(Random(5)),
                            .length = absl::Seconds(1 + Random(30)),
                            .limit = Units(1 + Random(6)),
                            .enforce = die < 60   ? core::Enforce::kHard
                                       : die < 80 ? core::Enforce::kProbe
                                                  : core::Enforce::kOff};
  if (window.unit == core::Unit::kTokens) window.limit = Units(50'000);
  if (window.unit == core::Unit::kCredits) window.limit = Units(20);
  if (Chance(30)) window.kind = core::WindowKind::kAnchored;
  if (Chance(20)) {
    static constexpr std::array kLengths = {absl::Minutes(90), absl::Hours(5), absl::Hours(24),
                                            absl::Hours(7 * 24)};
    window.length = kLengths[static_cast<size_t>(Random(kLengths.size()))];
    window.limit = kLargest;
  } else if (Chance(12)) {
    window.kind = core::WindowKind::kAnchored;
    window.length = absl::ZeroDuration();
    window.months = 1 + Random(2);
    window.limit = kLargest;
  }
  if (window.kind == core::WindowKind::kAnchored && Chance(40)) {
    window.anchor =
        absl::CivilSecond(1970, 1 + Random(3), 1 + Random(31), Random(24), Random(60), Random(60));
  }
  const bool settles = window.unit == core::Unit::kTokens || window.unit == core::Unit::kCredits;
  const bool is_long = window.months > 0 || window.length > absl::Minutes(1);
  if (settles && is_long) window.enforce = Chance(50) ? core::Enforce::kProbe : core::Enforce::kOff;
  // What is not long passes in a history, so background work that is ahead has its turn in it.
  if (window.kind == core::WindowKind::kAnchored) window.pace = Chance(40);
  if (Chance(50)) window.zone = absl::FixedTimeZone(8 * 60 * 60);
  if (Chance(15)) window.models = {"m0", "x*"};
  return window;
}

core::WeekHours Configs::AnHour() {
  const int from = Random(kBusyMinutes - 6);
  return core::WeekHours::Daily(from, from + 1 + Random(5), absl::UTCTimeZone());
}

core::BrokerConfig Configs::Changed(core::BrokerConfig config) {
  core::AccountConfig& account =
      config.accounts[static_cast<size_t>(Random(static_cast<int>(config.accounts.size())))];
  switch (Random(10)) {
    case 0:
    case 1:
      account.slots.learn = !account.slots.learn;
      break;
    case 2:  // windows come and go in front, so that all others move
      account.windows.insert(account.windows.begin(), AnyWindow(++last_window_));
      if (account.windows.size() > core::AccountConfig::kWindowsMax) account.windows.resize(4);
      break;
    case 3:
      if (!account.windows.empty()) account.windows.erase(account.windows.begin());
      break;
    case 4:
      account.slots.limit = 1 + Random(4);
      account.slots.max = std::max(account.slots.max, account.slots.limit);
      break;
    case 5:
      config.queue_max = static_cast<size_t>(1 + Random(30));
      break;
    case 6:
      account.shadow = !account.shadow;
      break;
    case 7:
      account.pools.clear();
      if (Chance(60)) account.pools.push_back({.models = {"m?"}, .limit = 1 + Random(3)});
      break;
    case 8:
      account.mcp_slots = !account.mcp_slots;
      break;
    default:
      account = AnyAccount(account.name.back() - '0');
      break;
  }
  return config;
}

}  // namespace zbroker::sim
