// What the core must be told before it can decide. daemon/config makes it from a file; the defaults
// here are those of a daemon without any.
#ifndef ZBROKER_DAEMON_CORE_CONFIG_H_
#define ZBROKER_DAEMON_CORE_CONFIG_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "daemon/core/amount.h"
#include "daemon/core/happening.h"
#include "daemon/core/week_hours.h"
#include "daemon/core/words.h"

namespace zbroker::core {

// A quota over time.
struct WindowConfig {
  std::string name;
  Unit unit = Unit::kPrompts;
  // Real time; zero only when `months` is set.
  absl::Duration length;
  // Calendar months instead of a length: only of an anchored window.
  int months = 0;
  Amount limit;  // zero only with kOff: it just counts
  Enforce enforce = Enforce::kHard;
  WindowKind kind = WindowKind::kRolling;
  // Of an anchored window: an instant at which it is reset, as it is one length before and after it
  // and so on. Absent: it is not known; see window.h.
  std::optional<absl::CivilSecond> anchor;
  absl::TimeZone zone = absl::UTCTimeZone();  // of the anchor
  // Globs; see client/base/glob.h. It limits and counts requests of these alone, and calls of tools
  // that are called so; empty: all.
  std::vector<std::string> models;
  // Background work goes no faster than lasts until the reset: only of an anchored window of a day
  // or longer. See Window::PaceAt.
  bool pace = false;
  // The provider's meter has a limit that counts what this one does, although `models` is not all.
  bool metered = false;

  bool operator==(const WindowConfig&) const = default;
};

// A limit on slots for some models inside the account's own.
struct PoolConfig {
  std::vector<std::string> models;  // globs; see client/base/glob.h
  int limit = 1;
  bool learn = false;  // the limit is where learning starts; where the account's learns

  bool operator==(const PoolConfig&) const = default;
};

// What a request of some models costs in windows that count prompts, calls or credits, as a factor.
// The first that matches model and time is the one that counts.
struct WeightConfig {
  std::vector<std::string> models;  // globs
  double weight = 1;                // 0 to 1000
  WeekHours when;

  bool operator==(const WeightConfig&) const = default;
};

// How many credits a model's tokens cost: (input·a + cached·b + output·c) / 10,000. The first that
// matches is the one that counts.
struct RateConfig {
  std::vector<std::string> models;  // globs
  double input = 0, cached = 0, output = 0;

  bool operator==(const RateConfig&) const = default;
};

// The slot limit at some hours. The first that matches is the one that counts.
struct ScheduleConfig {
  WeekHours when;
  int limit = 1;

  bool operator==(const ScheduleConfig&) const = default;
};

// The priority of Acquires that name none. The first that matches in all that it names is the one
// that counts.
struct PriorityRule {
  std::vector<std::string> models;    // globs; empty: any
  std::vector<std::string> programs;  // globs; empty: any
  std::optional<bool> background;     // whether the client says that nobody waits for it
  Priority priority = Priority::kNormal;

  bool operator==(const PriorityRule&) const = default;
};

struct SlotsConfig {
  static constexpr int kLargest = 1000;

  int limit = 3;  // where learning starts, and the limit where it is off; min to max
  bool learn = true;
  int min = 1;   // learning goes no lower
  int max = 16;  // and no higher
  // Slots that only waiters of priority interactive may take, as far as the limit in force leaves
  // one for the others.
  int reserve_interactive = 0;
  // Slots of the limit in force that are left to programs that no broker can reach; one is kept
  // all the same. What these have in flight is not known, and counts as so many: so learning goes
  // no higher than `limit`, which is to be what the account has with theirs.
  int reserve_outside = 0;
  int per_session = 0;  // slots that one session may hold at a time; 0: any number
  // Leases and waiters that one session, with those that it has started, may have at a time; 0: any
  // number.
  int per_tree = 20'000;

  bool operator==(const SlotsConfig&) const = default;
};

struct AccountConfig {
  static constexpr size_t kPoolsMax = 16;
  static constexpr size_t kWindowsMax = 16;

  std::string name;
  SlotsConfig slots;
  // What is learned of the limit is kept for these hours and for the others. By default when the
  // provider's limit is known to be lower: 15:00 to 18:00 UTC+8.
  WeekHours peak = WeekHours::Daily(15 * 60, 18 * 60, absl::FixedTimeZone(8 * 60 * 60));
  std::vector<PoolConfig> pools;
  std::vector<WindowConfig> windows;  // names differ
  std::vector<WeightConfig> weights;
  std::vector<RateConfig> rates;
  double mcp_credits = 0;  // what a tool call costs in windows that count credits
  bool mcp_slots = false;  // whether tool calls take slots, as requests of models do
  std::vector<ScheduleConfig> schedules;
  std::vector<PriorityRule> priority_rules;
  bool off_peak = false;  // background work waits out hours in which it would be charged more
  bool shadow = false;    // grant everything at once, and record what would have waited
  bool projects = true;   // record for which project a lease is

  bool operator==(const AccountConfig&) const = default;
};

// A program or an address that is told what has happened. Not the core's business.
struct HookConfig {
  std::vector<HappeningKind> on;  // never empty
  std::string run;                // a command for the shell; or
  std::string url;
  absl::Duration timeout = absl::Seconds(30);

  bool operator==(const HookConfig&) const = default;
};

struct BrokerConfig {
  std::vector<AccountConfig> accounts;  // names differ; never empty
  std::string default_account;          // one of them

  size_t queue_max = 10'000;                         // waiters of one account
  absl::Duration age_after = absl::Minutes(5);       // a waiter rises by one priority
  absl::Duration reclaim_grace = absl::Seconds(10);  // for a lease whose stream ended
  absl::Duration unclean_hold = absl::Seconds(1);    // quarantine of a dead holder's slot
  absl::Duration retention = absl::Hours(24 * 400);  // ledger rows older than this are dropped

  absl::Duration long_wait = absl::Minutes(2);  // a wait that is worth telling of
  std::vector<HookConfig> hooks;

  bool operator==(const BrokerConfig&) const = default;

  // One account, `default`, with a five-hour window that only counts prompts.
  static BrokerConfig Defaults();
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_CONFIG_H_
