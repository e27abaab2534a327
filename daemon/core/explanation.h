// Why a waiter waits, in full: every gate between it and its lease, made of the list that admits.
#ifndef ZBROKER_DAEMON_CORE_EXPLANATION_H_
#define ZBROKER_DAEMON_CORE_EXPLANATION_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/base/clock.h"
#include "daemon/core/lease.h"
#include "daemon/core/snapshot.h"

namespace zbroker::core {

// In the order in which they are shown.
enum class GateName : uint8_t {
  kPause,
  kBlock,
  kSlots,
  kPool,
  kModelLimit,
  kSession,
  kReserve,
  kWindow,
  kPace,
  kOffPeak,
  kStarts,
  kNesting,
  kOrder,
};
inline constexpr size_t kGateNames = 13;

absl::string_view Name(GateName name);

using GateSet = uint32_t;
constexpr GateSet Of(GateName name) { return GateSet{1} << static_cast<int>(name); }
// Those that have nothing to do with a waiter's place among the others, by what they depend on:
// the waiter's gate in the queue, its session, or its charges.
inline constexpr GateSet kOfQueueGate = Of(GateName::kPause) | Of(GateName::kBlock) |
                                        Of(GateName::kSlots) | Of(GateName::kPool) |
                                        Of(GateName::kModelLimit) | Of(GateName::kReserve) |
                                        Of(GateName::kOffPeak) | Of(GateName::kStarts);
inline constexpr GateSet kOfSession = Of(GateName::kSession);
inline constexpr GateSet kOfCharges = Of(GateName::kWindow) | Of(GateName::kPace);
// Those that who needs no slot has not to pass.
inline constexpr GateSet kOfSlots = Of(GateName::kSlots) | Of(GateName::kPool) |
                                    Of(GateName::kModelLimit) | Of(GateName::kSession) |
                                    Of(GateName::kReserve) | Of(GateName::kStarts);
inline constexpr GateSet kAllGates = kOfQueueGate | kOfSession | kOfCharges;
// Those that a lease in its host's slot has to pass, too.
inline constexpr GateSet kOfNested = Of(GateName::kPause) | Of(GateName::kBlock) |
                                     Of(GateName::kPool) | Of(GateName::kModelLimit) |
                                     Of(GateName::kWindow) | Of(GateName::kStarts);

// A gate, as one waiter finds it.
struct GateState {
  GateName name = GateName::kPause;
  bool applies = true;  // false: it is none for this waiter
  bool passed = true;
  // What is told as the reason of the wait: of several that are shut, one that is the last to open
  // as a rule. Nesting, which is a way around other gates, never binds.
  bool binds = false;
  std::string words;              // how it stands, without instants
  std::string opens;              // of one that is shut: what opens it
  std::optional<BootTime> until;  // when time alone does
};

struct WaiterExplanation {
  WaiterSnapshot waiter;
  std::vector<GateState> gates;  // each once, in the order of their names
  // Those who go before it for the next slot: waiters ahead that nothing else keeps.
  size_t before = 0;
  std::vector<WaiterSnapshot> first_before;  // kBeforeMax of them at most
};

// An account as a whole.
struct AccountExplanation {
  // So many waiters are kept by one gate in the same words.
  struct Kept {
    GateState gate;
    size_t waiters = 0;
  };

  std::string name;
  bool retired = false;
  int in_flight = 0;
  int slot_limit = 0;
  size_t waiting = 0;
  // What a new request of normal priority would find, of no particular model.
  WaiterExplanation newcomer;
  std::optional<absl::Duration> wait;      // how long it would wait; empty: nothing is known
  std::vector<Kept> kept;                  // the largest number first, kKeptMax at most
  std::optional<WaiterExplanation> first;  // who waits at the head of the queue
  // The lease that has been open longest, if there is any.
  std::optional<LeaseSnapshot> oldest;
};

struct Explanation {
  static constexpr size_t kBeforeMax = 5;
  static constexpr size_t kKeptMax = 16;
  static constexpr size_t kWaitersMax = 20;

  BootTime at;
  absl::Status ledger_error;  // why nothing is granted to anybody
  // With a question: what it names. Both empty: nothing that is open or waits.
  std::optional<LeaseSnapshot> lease;
  std::vector<WaiterExplanation> waiters;  // in order, kWaitersMax at most
  // Without one: every account that was asked about.
  std::vector<AccountExplanation> accounts;
};

// What is to be explained.
struct Question {
  std::string account;  // empty: any
  // The number of a lease, a ticket, a session, or the number of a process; empty: why nothing
  // moves.
  std::string what;
  uint32_t uid = 0;  // whose waiters may be looked at
  bool all_users = false;
};

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_EXPLANATION_H_
