#include "shims/zai/judge.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "client/base/text.h"
#include "shims/zai/printable.h"
#include "shims/zai/reset_time.h"
#include "shims/zai/retry_after.h"
#include "shims/zai/window_length.h"

namespace zbroker::zai {
namespace {

constexpr size_t kIdBytesMax = 64;
constexpr int kMonthlyMcpPool = 1310;
constexpr absl::Duration kNoTime = absl::ZeroDuration();
constexpr absl::Duration kThrottleMax = absl::Minutes(5);
constexpr absl::string_view kWrongPath =
    "The upstream has nothing at this path: a base URL is wrong. Claude Code's has no /v1 at its "
    "end "
    "(/api/anthropic), OpenAI's ends in /v4 (/api/coding/paas/v4), Codex' in /v1 (/api/v1).";

// What is decided before a wall's end is looked for.
struct Ruling {
  Signal signal = Signal::kTransient;
  Scope scope = Scope::kAccount;
  WallEnd wall_end = WallEnd::kNone;
  absl::Duration window_length;
  absl::string_view advice;
  bool plan = false;
  bool no_such_path = false;
};

ResetStatement StatementOf(const ErrorFacts& facts, const Circumstances& circumstances,
                           absl::Duration window_length) {
  return {facts.text, facts.request_id, ParseHttpDate(circumstances.headers("date")), window_length,
          circumstances.now};
}

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

// The business codes have four digits. What else stands in their place, such as an HTTP status, a
// relay's own word or the number of an MCP error, says nothing that its text would not say better.
bool IsBusinessCode(absl::string_view code) {
  int number = 0;
  return absl::SimpleAtoi(code, &number) && number >= 1000;
}

// "404 NOT_FOUND", as Spring's errors print: a status that the text begins with, whatever the
// answer has. 0: it doesn't.
int StatusOfText(absl::string_view text) {
  int status = 0;
  if (text.size() < 8 || text[3] != ' ' || !absl::ascii_isupper(text[4]) ||
      !absl::SimpleAtoi(text.substr(0, 3), &status) || status < 400 || status > 599) {
    return 0;
  }
  const absl::string_view name = text.substr(4, text.find_first_of(" :\"", 4) - 4);
  const bool is_name = std::all_of(name.begin(), name.end(),
                                   [](char c) { return absl::ascii_isupper(c) || c == '_'; });
  return is_name ? status : 0;
}

Ruling NoSuchPath() {
  Ruling ruling = OfSignal(Signal::kClient);
  ruling.no_such_path = true;
  ruling.advice = kWrongPath;
  return ruling;
}

// The statuses of a path that is not there: 404, or 405 where it is there for another method.
bool IsAboutPath(int status) { return status == 404 || status == 405; }

std::optional<absl::Duration> RetryAfter(const ErrorFacts& facts,
                                         const Circumstances& circumstances) {
  if (const auto wait = FindRetryAfter(circumstances.headers, circumstances.now)) return wait;
  if (const auto wait = ParseRetryAfterMs(facts.retry_after_ms)) return wait;
  return ParseRetryAfter(facts.retry_after, circumstances.now);
}

// Whether the error says until when to wait, as a wall does: it states a time, or asks for a longer
// wait than any throttle does.
bool Ends(const ErrorFacts& facts, const Circumstances& circumstances) {
  if (RetryAfter(facts, circumstances).value_or(kNoTime) > kThrottleMax) return true;
  const absl::Duration window_length = FindWindowLength(facts.text);
  return FindResetTime(StatementOf(facts, circumstances, window_length)).has_value();
}

// Relays print a used-up window under statuses of their own. Under 429, or none, the text alone
// decides; under those that a relay has for its own trouble only a text that says which window is
// used up and until when.
const Phrase* PhraseOf(const ErrorFacts& facts, const Circumstances& circumstances, int status) {
  const bool relays = status == 402 || status == 403 || status >= 500;
  if (status != 429 && status != 0 && !relays) return nullptr;
  const absl::Duration window_length = FindWindowLength(facts.text);
  const bool ends = Ends(facts, circumstances);
  const Phrase* phrase = FindPhrase(facts.text, ends, window_length > kNoTime);
  if (phrase == nullptr || !relays) return phrase;
  const bool plain = phrase->signal == Signal::kWall && ends && window_length > kNoTime;
  return plain ? phrase : nullptr;
}

Ruling Decide(const ErrorFacts& facts, const Circumstances& circumstances) {
  const int status = circumstances.status >= 400 ? circumstances.status : facts.status;
  const bool fault = facts.row == nullptr || facts.row->signal == Signal::kTransient;
  if (const int named = StatusOfText(facts.message); fault && named != 0) {
    return IsAboutPath(named) ? NoSuchPath() : OfStatus(named);
  }
  if (facts.row != nullptr) return OfRow(*facts.row, facts, circumstances.endpoint);
  const bool coded = IsBusinessCode(facts.code);
  if (const Phrase* phrase = coded ? nullptr : PhraseOf(facts, circumstances, status)) {
    return OfPhrase(*phrase, facts);
  }
  // A 404 is about the path unless the error names something else that is missing: by its type or
  // code, as for a model; or on MCP, where it is the session.
  const bool names_other =
      facts.typed || coded || circumstances.endpoint.protocol == Protocol::kMcp;
  if (IsAboutPath(status) && !names_other) return NoSuchPath();
  return OfStatus(status);
}

std::optional<absl::Time> WallEndsAt(const Ruling& ruling, const ErrorFacts& facts,
                                     const Circumstances& circumstances,
                                     std::optional<absl::Duration> retry_after) {
  const ResetStatement statement = StatementOf(facts, circumstances, ruling.window_length);
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
    // "Weekly/Monthly": what is further off than a week is the month.
    if (ruling.window_length == absl::ZeroDuration() && verdict.reset_at &&
        !IsPlausibleWait(*verdict.reset_at - circumstances.now, kWeek)) {
      ruling.window_length = kMonth;
      if (!IsPlausibleWait(*verdict.reset_at - circumstances.now, kMonth)) verdict.reset_at.reset();
    }
  }
  verdict.signal = ruling.signal;
  verdict.scope = ruling.scope;
  verdict.window_length = ruling.window_length;
  verdict.advice = ruling.advice;
  verdict.plan = ruling.plan;
  verdict.no_such_path = ruling.no_such_path;
  verdict.unserved = ruling.no_such_path;
  verdict.worth_another_try = ruling.signal == Signal::kTransient && !facts.has_content &&
                              (facts.row != nullptr || facts.code == kBrokenFinish);
  return verdict;
}

}  // namespace zbroker::zai
