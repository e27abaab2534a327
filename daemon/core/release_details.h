// What the holder of a lease knows of how its work ended, beyond the outcome.
#ifndef ZBROKER_DAEMON_CORE_RELEASE_DETAILS_H_
#define ZBROKER_DAEMON_CORE_RELEASE_DETAILS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "client/base/clock.h"
#include "daemon/core/words.h"

namespace zbroker::core {

// What a model request cost, as the upstream's answer says. Each count is from 0 to kTokensMax.
struct TokenUsage {
  int64_t input = 0;  // cached ones not included
  int64_t cached = 0;
  int64_t output = 0;

  bool operator==(const TokenUsage&) const = default;
};

// All of it is optional.
struct ReleaseDetails {
  std::string upstream_code;
  std::string message;
  // Throttle and overload: how long the upstream wants to be left alone. Not negative.
  std::optional<absl::Duration> retry_after;
  // Throttle: requests started too quickly one after another, rather than too many at once.
  bool start_rate = false;
  // Wall and breaker: when the upstream says that it is over.
  std::optional<BootTime> until;
  // Wall: the length of the window that is used up. Not negative.
  std::optional<absl::Duration> window_length;
  // Terminal: it is the plan that has expired or lacks the model.
  bool plan = false;
  // Wall, and fault of the plan: what it blocks.
  Scope scope = Scope::kAccount;
  // From the grant to the first byte of the answer. Not negative.
  std::optional<absl::Duration> first_byte;
  int http_status = 0;
  std::optional<TokenUsage> usage;
  std::string served_model;  // that the answer names
  bool under_way = false;    // the upstream may still be at work on it
  bool unused = false;       // nothing was sent upstream
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_RELEASE_DETAILS_H_
