#include "shims/zai/error_table.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "shims/zai/window_length.h"

namespace zbroker::zai {
namespace {

constexpr absl::string_view kWrongEndpoint =
    "With a valid plan this usually means the wrong base URL (a plan's key works on "
    "/api/coding/paas/v4 and /api/anthropic, not on /api/paas/v4) or a model outside the plan.";
constexpr absl::string_view kStaySilent =
    "Requests during this time prolong it. Let the account rest for an hour or more.";
constexpr absl::string_view kCheckKey = "Check the API key that the program sends.";

constexpr absl::Duration kFiveHours = absl::Hours(5);

// Sources: the provider's documentation of error codes and of the coding plan, and captures of
// users, up to November 2026. The HTTP status that comes with a code says less than the code and is
// left out: 429 alone covers rows of seven signals.
constexpr ErrorRow kErrors[] = {
    // Internal faults, sometimes under 200 or 400.
    {-1, -1, Signal::kTransient},
    {500, 500, Signal::kTransient},
    {1120, 1120, Signal::kTransient},
    {1200, 1200, Signal::kTransient},
    {1230, 1230, Signal::kTransient},
    {1234, 1234, Signal::kTransient},

    // The key and the account.
    {401, 401, Signal::kTerminal, Scope::kAccount, WallEnd::kNone, absl::ZeroDuration(), kCheckKey},
    {1000, 1005, Signal::kTerminal, Scope::kAccount, WallEnd::kNone, absl::ZeroDuration(),
     kCheckKey},
    {1100, 1112, Signal::kTerminal},
    {1113, 1113, Signal::kTerminal, Scope::kAccount, WallEnd::kNone, absl::ZeroDuration(),
     kWrongEndpoint},
    {1121, 1121, Signal::kTerminal},
    {1309, 1309, Signal::kTerminal, Scope::kAccount, WallEnd::kNone, absl::ZeroDuration(), "",
     true},
    {1311, 1311, Signal::kTerminal, Scope::kModel, WallEnd::kNone, absl::ZeroDuration(), "", true},
    {1314, 1314, Signal::kTerminal, Scope::kAccount, WallEnd::kNone, absl::ZeroDuration(), "",
     true},
    {1315, 1315, Signal::kTerminal},

    // The request.
    {1210, 1215, Signal::kClient},
    {1220, 1222, Signal::kClient},
    {1231, 1231, Signal::kClient},
    {1261, 1261, Signal::kClient},
    {1300, 1301, Signal::kClient},

    // Limits.
    {1302, 1302, Signal::kThrottle},
    {1303, 1303, Signal::kStartRate},
    {1305, 1305, Signal::kOverload, Scope::kModel},
    {1312, 1312, Signal::kOverload, Scope::kModel},
    {1304, 1304, Signal::kWall, Scope::kAccount, WallEnd::kMidnight, kDay},
    {1308, 1308, Signal::kWall, Scope::kAccount, WallEnd::kStated},
    {1310, 1310, Signal::kWall, Scope::kAccount, WallEnd::kStated},
    {1316, 1316, Signal::kWall, Scope::kAccount, WallEnd::kStated, kFiveHours},
    {1317, 1317, Signal::kWall, Scope::kAccount, WallEnd::kStated, kWeek},
    {1318, 1318, Signal::kWall, Scope::kAccount, WallEnd::kStated, kFiveHours},
    {1319, 1319, Signal::kWall, Scope::kAccount, WallEnd::kStated, kWeek},
    {1320, 1320, Signal::kWall, Scope::kAccount, WallEnd::kStated, kFiveHours},
    {1321, 1321, Signal::kWall, Scope::kAccount, WallEnd::kStated, kWeek},
    {1313, 1313, Signal::kBreaker, Scope::kAccount, WallEnd::kNone, absl::ZeroDuration(),
     kStaySilent},
};

struct ErrorType {
  absl::string_view type;
  int status;
};

// The Anthropic API's documentation of errors; then OpenAI's codes, as Codex knows them. The first
// type of a status is what it is called here.
constexpr ErrorType kErrorTypes[] = {
    {"invalid_request_error", 400},
    {"authentication_error", 401},
    {"billing_error", 402},
    {"permission_error", 403},
    {"not_found_error", 404},
    {"timeout_error", 408},
    {"request_too_large", 413},
    {"rate_limit_error", 429},
    {"api_error", 500},
    {"timeout_error", 504},
    {"overloaded_error", 529},

    {"context_length_exceeded", 400},
    {"invalid_prompt", 400},
    {"invalid_api_key", 401},
    {"model_not_found", 404},
    {"rate_limit_exceeded", 429},
    {"server_error", 500},
    {"server_is_overloaded", 529},
    {"slow_down", 529},
};

// A breaker's text speaks of a frequency too, a used-up window's of the balance for more than it, a
// throttle's of a rate. What says more precisely what is wrong ranks higher.
enum Rank { kRate, kTooOften, kTooMany, kBusy, kUnpaid, kUsedUp, kSilence };

constexpr Phrase kPhrases[] = {
    {"fair usage policy", Signal::kBreaker, kSilence},
    {"daily call limit", Signal::kWall, kUsedUp, WallEnd::kMidnight, true},
    {"usage limit", Signal::kWall, kUsedUp, WallEnd::kStated, true},
    {"limit exhausted", Signal::kWall, kUsedUp, WallEnd::kStated, true},
    {"使用上限", Signal::kWall, kUsedUp, WallEnd::kStated, true},
    {"quota", Signal::kWall, kUsedUp, WallEnd::kStated},
    {"package has expired", Signal::kTerminal, kUnpaid},
    {"balance exhausted", Signal::kTerminal, kUnpaid},
    {"insufficient balance", Signal::kTerminal, kUnpaid},
    {"余额不足", Signal::kTerminal, kUnpaid},
    {"overloaded", Signal::kOverload, kBusy},
    {"high traffic", Signal::kOverload, kBusy},
    {"concurrency", Signal::kThrottle, kTooMany},
    {"并发数过高", Signal::kThrottle, kTooMany},
    {"frequency", Signal::kStartRate, kTooOften},
    {"rate limit", Signal::kThrottle, kRate},
    {"rate_limit", Signal::kThrottle, kRate},
    {"ratelimit", Signal::kThrottle, kRate},
    {"速率限制", Signal::kThrottle, kRate},
    // Of a wall that does not say when it ends.
    {"usage limit", Signal::kThrottle, kRate},
    {"limit exhausted", Signal::kThrottle, kRate},
    {"使用上限", Signal::kThrottle, kRate},
    {"quota", Signal::kThrottle, kRate},
    {"too many requests", Signal::kThrottle, kRate},
};

}  // namespace

const ErrorRow* FindErrorRow(absl::string_view code) {
  int number = 0;
  if (!absl::SimpleAtoi(code, &number)) return nullptr;
  for (const ErrorRow& row : kErrors) {
    if (number >= row.first && number <= row.last) return &row;
  }
  return nullptr;
}

int StatusOfErrorType(absl::string_view type) {
  for (const ErrorType& row : kErrorTypes) {
    if (row.type == type) return row.status;
  }
  return 0;
}

absl::string_view ErrorTypeOfStatus(int status) {
  for (const ErrorType& row : kErrorTypes) {
    if (row.status == status) return row.type;
  }
  return status >= 500 ? "api_error" : "invalid_request_error";
}

const Phrase* FindPhrase(absl::string_view text, bool ends, bool has_window) {
  const std::string lower = absl::AsciiStrToLower(text);
  const Phrase* found = nullptr;
  for (const Phrase& row : kPhrases) {
    if (found != nullptr && row.rank <= found->rank) continue;
    if (!absl::StrContains(lower, row.text)) continue;
    const bool stands = row.signal != Signal::kWall || row.wall_end == WallEnd::kMidnight || ends ||
                        (has_window && row.names_window);
    if (stands) found = &row;
  }
  return found;
}

}  // namespace zbroker::zai
