#include "shims/zai/judge.h"

#include "client/base/text.h"
#include "shims/zai/printable.h"
#include "shims/zai/reset_time.h"
#include "shims/zai/retry_after.h"
#include "shims/zai/window_length.h"

namespace zbroker::zai {
namespace {

constexpr size_t kIdBytesMax = 64;
constexpr int kMonthlyMcpPool = 1310;

// What is decided before a wall's end is looked for.
struct Ruling {
  Signal signal = Signal::kTransient;
  Scope scope = Scope::kAccount;
  WallEnd wall_end = WallEnd::kNone;
  absl::Duration window_length;
  absl::string_view advice;
  bool plan = false;
};

Ruling OfSignal(Signal signal) {
  Ruling ruling;
  ruling.signal = signal;
  if (signal == Signal::kOverload) ruling.scope = Scope::kModel;
  return ruling;
}

Ruling OfRow(const ErrorRow& row, const ErrorFacts& facts, const Endpoint& endpoint) {
  Ruling ruling = {row.signal, row.scope, row.wall_end, row.window_length, row.advice, row.plan};
  if (row.signal != Signal::kWall) return ruling;
  if (row.first == kMonthlyMcpPool && endpoint.protocol == Protocol::kMcp) {
    ruling.scope = Scope::kKind;
    ruling.window_length = kMonth;
  }
  if (ruling.window_length == absl::ZeroDuration()) {
    ruling.window_length = FindWindowLength(facts.text);
  }
  return ruling;
}

Ruling OfPhrase(const Phrase& phrase, const ErrorFacts& facts) {
  Ruling ruling = OfSignal(phrase.signal);
  ruling.wall_end = phrase.wall_end;
  if (phrase.wall_end == WallEnd::kMidnight) ruling.window_length = kDay;
  if (phrase.wall_end == WallEnd::kStated) ruling.window_length = FindWindowLength(facts.text);
  return ruling;
}

Ruling OfStatus(int status) {
  if (status == 529) return OfSignal(Signal::kOverload);
  if (status == 429) return OfSignal(Signal::kThrottle);
  if (status == 408 || status >= 500 || status == 0) return OfSignal(Signal::kTransient);
  return OfSignal(Signal::kClient);
}

Ruling Decide(const ErrorFacts& facts, const Circumstances& circumstances) {
  if (facts.row != nullptr) return OfRow(*facts.row, facts, circumstances.endpoint);
  const int status = circumstances.status >= 400 ? circumstances.status : facts.status;
  if (facts.code.empty() && (status == 429 || status == 0)) {
    if (const Phrase* phrase = FindPhrase(facts.text)) return OfPhrase(*phrase, facts);
  }
  return OfStatus(status);
}

std::optional<absl::Duration> RetryAfter(const ErrorFacts& facts,
                                         const Circumstances& circumstances) {
  if (const auto wait = FindRetryAfter(circumstances.headers, circumstances.now)) return wait;
  if (const auto wait = ParseRetryAfterMs(facts.retry_after_ms)) return wait;
  return ParseRetryAfter(facts.retry_after, circumstances.now);
}

std::optional<absl::Time> WallEndsAt(const Ruling& ruling, const ErrorFacts& facts,
                                     const Circumstances& circumstances,
                                     std::optional<absl::Duration> retry_after) {
  const ResetStatement statement = {facts.text, facts.request_id,
                                    ParseHttpDate(circumstances.headers("date")),
                                    ruling.window_length, circumstances.now};
  if (ruling.wall_end == WallEnd::kMidnight) return FindNextMidnight(statement);
  if (const auto reset = FindResetTime(statement)) return reset;
  if (retry_after && IsPlausibleWait(*retry_after, ruling.window_length)) {
    return circumstances.now + *retry_after;
  }
  return std::nullopt;
}

}  // namespace

Verdict Judge(const ErrorFacts& facts, const Circumstances& circumstances) {
  Ruling ruling = Decide(facts, circumstances);
  Verdict verdict;
  verdict.code = facts.code;
  verdict.known_code = facts.row != nullptr;
  verdict.message = Printable(facts.message, kNameBytesMax);
  verdict.request_id = Printable(facts.request_id, kIdBytesMax);
  verdict.retry_after = RetryAfter(facts, circumstances);
  if (ruling.signal == Signal::kWall) {
    verdict.reset_at = WallEndsAt(ruling, facts, circumstances, verdict.retry_after);
    // "Quota" and the like are said of many things: without an end it is no wall.
    if (!verdict.known_code && !verdict.reset_at) ruling = OfSignal(Signal::kThrottle);
    // "Weekly/Monthly": what is further off than a week is the month.
    if (ruling.window_length == absl::ZeroDuration() && verdict.reset_at &&
        !IsPlausibleWait(*verdict.reset_at - circumstances.now, kWeek)) {
      ruling.window_length = kMonth;
    }
  }
  verdict.signal = ruling.signal;
  verdict.scope = ruling.scope;
  verdict.window_length = ruling.window_length;
  verdict.advice = ruling.advice;
  verdict.plan = ruling.plan;
  return verdict;
}

}  // namespace zbroker::zai
