// What a person or a script may want to hear of, once: in the words of the design an event, which
// here is what the core tells a stream.
#ifndef ZBROKER_DAEMON_CORE_HAPPENING_H_
#define ZBROKER_DAEMON_CORE_HAPPENING_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "client/base/clock.h"

namespace zbroker::core {

enum class HappeningKind : uint8_t {
  kWall,  // a window is used up, as the upstream says
  kReset,
  kBreaker,  // the upstream demands silence
  kBreakerEnd,
  kPlan,  // the plan has expired, or lacks the model
  kPlanEnd,
  kLimit,      // a limit was learned
  kThrottles,  // several within a short time
  kWaiting,    // somebody has waited for long
  kWaitingEnd,
  kLost,    // a lease's holder died without a release
  kLedger,  // it can't be written
  kLedgerEnd,
  kGatewayUp,
  kGatewayDown,
  kConfig,       // another configuration is in force
  kConfigError,  // a new one was refused
};
inline constexpr size_t kHappeningKinds = 17;

// "wall", "reset", …: what events are called in the ledger, the configuration and the protocol.
absl::string_view Name(HappeningKind kind);
std::optional<HappeningKind> ParseHappeningKind(absl::string_view name);

// What the end of an episode is called that begins so; empty: it has none that is told.
std::optional<HappeningKind> EndOf(HappeningKind kind);
// The other way round.
std::optional<HappeningKind> BeginOf(HappeningKind kind);

// A record. One that begins an episode is open until its end is recorded.
struct Happening {
  std::string account;  // empty: of none, or of all
  HappeningKind kind = HappeningKind::kWall;
  std::string subject;  // of its kind and account: "model glm-5", "127.0.0.1:8787"; mostly empty
  BootTime at;
  std::optional<BootTime> until;  // when an episode is expected to end
  std::string detail;             // in words, without instants
  std::string upstream_code;
  uint64_t lease = 0;
};

// Everything up to the event with this number was handed to the hooks that want it. A record.
struct HooksTold {
  uint64_t event = 0;
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_HAPPENING_H_
