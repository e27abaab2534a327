#include "daemon/core/words.h"

#include <utility>

namespace zbroker::core {
namespace {

template <typename Enum>
using Word = std::pair<Enum, absl::string_view>;

constexpr Word<Kind> kKinds[] = {
    {Kind::kPrompt, "prompt"}, {Kind::kCall, "call"}, {Kind::kMcp, "mcp"}};

constexpr Word<HourClass> kHourClasses[] = {{HourClass::kOffPeak, "off_peak"},
                                            {HourClass::kPeak, "peak"}};

constexpr Word<Priority> kPriorities[] = {{Priority::kInteractive, "interactive"},
                                          {Priority::kNormal, "normal"},
                                          {Priority::kBackground, "background"}};

constexpr Word<Outcome> kOutcomes[] = {
    {Outcome::kOk, "ok"},
    {Outcome::kFailed, "failed"},
    {Outcome::kCancelled, "cancelled"},
    {Outcome::kThrottle, "throttle"},
    {Outcome::kOverload, "overload"},
    {Outcome::kWall, "wall"},
    {Outcome::kBreaker, "breaker"},
    {Outcome::kTerminal, "terminal"},
    {Outcome::kTransient, "transient"},
    {Outcome::kLost, "lost"},
    {Outcome::kRevoked, "revoked"},
};

constexpr Word<Unit> kUnits[] = {{Unit::kPrompts, "prompts"},
                                 {Unit::kCalls, "calls"},
                                 {Unit::kMcpCalls, "mcp_calls"},
                                 {Unit::kTokens, "tokens"},
                                 {Unit::kCredits, "credits"}};

constexpr Word<Enforce> kEnforces[] = {
    {Enforce::kHard, "hard"}, {Enforce::kProbe, "probe"}, {Enforce::kOff, "off"}};

constexpr Word<WindowKind> kWindowKinds[] = {{WindowKind::kRolling, "rolling"},
                                             {WindowKind::kAnchored, "anchored"}};

constexpr Word<LimitSource> kLimitSources[] = {{LimitSource::kConfigured, "configured"},
                                               {LimitSource::kScheduled, "scheduled"},
                                               {LimitSource::kLearned, "learned"},
                                               {LimitSource::kPinned, "pinned"}};

constexpr Word<Scope> kScopes[] = {
    {Scope::kAccount, "account"}, {Scope::kModel, "model"}, {Scope::kKind, "kind"}};

constexpr Word<BlockReason> kBlockReasons[] = {{BlockReason::kOverload, "overload"},
                                               {BlockReason::kCoolDown, "cool_down"},
                                               {BlockReason::kWall, "wall"},
                                               {BlockReason::kBreaker, "breaker"},
                                               {BlockReason::kPlan, "plan"}};

template <typename Enum, size_t kSize>
absl::string_view NameIn(const Word<Enum> (&words)[kSize], Enum value) {
  for (const auto& [candidate, word] : words) {
    if (candidate == value) return word;
  }
  return "?";
}

template <typename Enum, size_t kSize>
std::optional<Enum> ParseIn(const Word<Enum> (&words)[kSize], absl::string_view word) {
  for (const auto& [value, candidate] : words) {
    if (candidate == word) return value;
  }
  return std::nullopt;
}

}  // namespace

absl::string_view Name(Kind kind) { return NameIn(kKinds, kind); }
absl::string_view Name(HourClass hours) { return NameIn(kHourClasses, hours); }
absl::string_view Name(Priority priority) { return NameIn(kPriorities, priority); }
absl::string_view Name(Outcome outcome) { return NameIn(kOutcomes, outcome); }
absl::string_view Name(Unit unit) { return NameIn(kUnits, unit); }
absl::string_view Name(Enforce enforce) { return NameIn(kEnforces, enforce); }
absl::string_view Name(WindowKind kind) { return NameIn(kWindowKinds, kind); }
absl::string_view Name(LimitSource source) { return NameIn(kLimitSources, source); }
absl::string_view Name(Scope scope) { return NameIn(kScopes, scope); }
absl::string_view Name(BlockReason reason) { return NameIn(kBlockReasons, reason); }

std::optional<Kind> ParseKind(absl::string_view word) { return ParseIn(kKinds, word); }
std::optional<HourClass> ParseHourClass(absl::string_view word) {
  return ParseIn(kHourClasses, word);
}
std::optional<Priority> ParsePriority(absl::string_view word) { return ParseIn(kPriorities, word); }
std::optional<Outcome> ParseOutcome(absl::string_view word) { return ParseIn(kOutcomes, word); }
std::optional<Unit> ParseUnit(absl::string_view word) { return ParseIn(kUnits, word); }
std::optional<Enforce> ParseEnforce(absl::string_view word) { return ParseIn(kEnforces, word); }
std::optional<WindowKind> ParseWindowKind(absl::string_view word) {
  return ParseIn(kWindowKinds, word);
}
std::optional<Scope> ParseScope(absl::string_view word) { return ParseIn(kScopes, word); }
std::optional<BlockReason> ParseBlockReason(absl::string_view word) {
  return ParseIn(kBlockReasons, word);
}

}  // namespace zbroker::core
