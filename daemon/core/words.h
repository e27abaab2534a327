// The enumerations of the design, and the words by which ledger, CLI and configuration know them.
#ifndef ZBROKER_DAEMON_CORE_WORDS_H_
#define ZBROKER_DAEMON_CORE_WORDS_H_

#include <optional>

#include "absl/strings/string_view.h"

namespace zbroker::core {

// What a window counts.
enum class Unit {
  kPrompts,   // model requests that a person's query started
  kCalls,     // all model requests
  kMcpCalls,  // metered tool calls
  kTokens,    // of model requests: input, cached and output
  kCredits,   // what the provider makes of tokens and tool calls
};

enum class Enforce {
  kHard,   // a charge waits until there is room
  kProbe,  // one charge at a time goes beyond the limit, until the upstream refuses
  kOff,    // charges are counted and never wait
};

enum class WindowKind {
  kRolling,   // each charge leaves by itself, one length after it was made
  kAnchored,  // all leave together, at a reset
};

enum class Kind { kPrompt, kCall, kMcp };
// What is learned of an account's limit is kept for its peak hours and for the others.
enum class HourClass { kOffPeak, kPeak };
enum class Priority { kInteractive, kNormal, kBackground };

// How a lease ended; see zbroker/v1/types.proto.
enum class Outcome {
  kOk,
  kFailed,
  kCancelled,
  kThrottle,
  kOverload,
  kWall,
  kBreaker,
  kTerminal,
  kTransient,
  kLost,
  kRevoked,
};

// What of an account a release speaks of.
enum class Scope { kAccount, kModel, kKind };

// Why an account's slot limit is what it is.
enum class LimitSource { kConfigured, kScheduled, kLearned, kPinned };

// What keeps something from being granted although a slot is free, the gravest last; see
// zbroker/v1/types.proto.
enum class BlockReason { kOverload, kCoolDown, kWall, kBreaker, kPlan };

absl::string_view Name(Kind kind);
absl::string_view Name(Priority priority);
absl::string_view Name(HourClass hours);
absl::string_view Name(Outcome outcome);
absl::string_view Name(Unit unit);
absl::string_view Name(Enforce enforce);
absl::string_view Name(WindowKind kind);
absl::string_view Name(Scope scope);
absl::string_view Name(LimitSource source);
absl::string_view Name(BlockReason reason);

// The reverse; empty for a word that is none.
std::optional<Kind> ParseKind(absl::string_view word);
std::optional<Priority> ParsePriority(absl::string_view word);
std::optional<HourClass> ParseHourClass(absl::string_view word);
std::optional<Outcome> ParseOutcome(absl::string_view word);
std::optional<Unit> ParseUnit(absl::string_view word);
std::optional<Enforce> ParseEnforce(absl::string_view word);
std::optional<WindowKind> ParseWindowKind(absl::string_view word);
std::optional<Scope> ParseScope(absl::string_view word);
std::optional<BlockReason> ParseBlockReason(absl::string_view word);

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_WORDS_H_
