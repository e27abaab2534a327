// The enumerations of the design, and the words by which ledger, CLI and configuration know them.
#ifndef ZBROKER_DAEMON_CORE_WORDS_H_
#define ZBROKER_DAEMON_CORE_WORDS_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "daemon/core/config.h"

namespace zbroker::core {

enum class Kind { kPrompt, kCall, kMcp };
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

// What keeps something from being granted although a slot is free, the gravest last; see
// zbroker/v1/types.proto.
enum class BlockReason { kOverload, kCoolDown, kWall, kBreaker };

absl::string_view Name(Kind kind);
absl::string_view Name(Priority priority);
absl::string_view Name(Outcome outcome);
absl::string_view Name(Unit unit);
absl::string_view Name(Enforce enforce);
absl::string_view Name(Scope scope);
absl::string_view Name(BlockReason reason);

// The reverse; empty for a word that is none.
std::optional<Kind> ParseKind(absl::string_view word);
std::optional<Priority> ParsePriority(absl::string_view word);
std::optional<Outcome> ParseOutcome(absl::string_view word);
std::optional<Unit> ParseUnit(absl::string_view word);
std::optional<Enforce> ParseEnforce(absl::string_view word);
std::optional<Scope> ParseScope(absl::string_view word);
std::optional<BlockReason> ParseBlockReason(absl::string_view word);

}  // namespace zbroker::core

#endif  // ZBROKER_DAEMON_CORE_WORDS_H_
