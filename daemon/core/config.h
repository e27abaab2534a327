// What the core must be told before it can decide. daemon/config makes it from a file; the defaults
// here are those of a daemon without any.
#ifndef ZBROKER_DAEMON_CORE_CONFIG_H_
#define ZBROKER_DAEMON_CORE_CONFIG_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "daemon/core/amount.h"

namespace zbroker::core {

// What a window counts.
enum class Unit {
  kPrompts,   // model requests that a person's query started
  kCalls,     // all model requests
  kMcpCalls,  // metered tool calls
};

enum class Enforce {
  kHard,  // a charge waits until there is room
  kOff,   // charges are counted and never wait
};

// A quota over a rolling length of time: a charge at t leaves it at t + length.
struct WindowConfig {
  std::string name;
  Unit unit = Unit::kPrompts;
  absl::Duration length;
  Amount limit;  // zero only with kOff: it just counts
  Enforce enforce = Enforce::kHard;

  bool operator==(const WindowConfig&) const = default;
};

struct AccountConfig {
  static constexpr int kSlotLimitLargest = 1000;

  std::string name;
  int slot_limit = 3;                 // 1 to kSlotLimitLargest
  std::vector<WindowConfig> windows;  // names differ

  bool operator==(const AccountConfig&) const = default;
};

struct BrokerConfig {
  std::vector<AccountConfig> accounts;  // names differ; never empty
  std::string default_account;          // one of them

  size_t queue_max = 10'000;                         // waiters of one account
  absl::Duration reclaim_grace = absl::Seconds(10);  // for a lease whose stream ended
  absl::Duration unclean_hold = absl::Seconds(1);    // quarantine of a dead holder's slot
  absl::Duration retention = absl::Hours(24 * 400);  // ledger rows older than this are dropped

  bool operator==(const BrokerConfig&) const = default;

  // One account, `default`, with a five-hour window that only counts prompts.
  static BrokerConfig Defaults();
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_CONFIG_H_
