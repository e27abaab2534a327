#include "shims/zai/reset_time.h"

#include "shims/zai/retry_after.h"
#include "shims/zai/window_length.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/targets.h"

namespace zbroker::fuzz {
namespace {

bool IsFinite(const std::optional<absl::Time>& time) {
  return !time || (*time > absl::InfinitePast() && *time < absl::InfiniteFuture());
}

std::string CheckWait(std::optional<absl::Duration> wait) {
  if (wait && (*wait < absl::ZeroDuration() || *wait > zai::kRetryAfterMax)) return "retry-after";
  return "";
}

}  // namespace

std::string FuzzResetTime(absl::string_view input) {
  if (!IsFinite(zai::FindStatedTime(input))) return "stated time";
  if (!IsFinite(zai::RequestIdTime(input))) return "request id";
  if (!IsFinite(zai::ParseHttpDate(input))) return "date";
  const absl::Duration length = zai::FindWindowLength(input);
  if (length < absl::ZeroDuration() || length > 366 * zai::kMonth) return "window length";
  for (const absl::Duration window : {absl::ZeroDuration(), absl::Hours(5), zai::kWeek, length}) {
    const std::optional<absl::Time> reset =
        zai::FindResetTime({input, input, zai::ParseHttpDate(input), window, kNow});
    if (reset && !zai::IsPlausibleWait(*reset - kNow, window)) return "reset time";
  }
  if (const std::string mistake = CheckWait(zai::ParseRetryAfter(input, kNow)); !mistake.empty()) {
    return mistake;
  }
  return CheckWait(zai::ParseRetryAfterMs(input));
}

}  // namespace zbroker::fuzz
