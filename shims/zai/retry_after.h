// How long the upstream asks to be left alone.
#ifndef ZBROKER_SHIMS_ZAI_RETRY_AFTER_H_
#define ZBROKER_SHIMS_ZAI_RETRY_AFTER_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "shims/zai/headers.h"

namespace zbroker::zai {

// Longer than any window; beyond it, a mistake.
inline constexpr absl::Duration kRetryAfterMax = absl::Hours(32 * 24);

// In any of the three forms of RFC 9110 §5.6.7.
std::optional<absl::Time> ParseHttpDate(absl::string_view text);

// The value of `retry-after`: seconds, a fraction allowed, or a date, which counts from `now`.
// Nothing for anything else, for a past date, and for what exceeds kRetryAfterMax.
std::optional<absl::Duration> ParseRetryAfter(absl::string_view text, absl::Time now);

// The value of `retry-after-ms`.
std::optional<absl::Duration> ParseRetryAfterMs(absl::string_view text);

// `retry-after-ms`, else `retry-after`. A date counts from the answer's own `date` if it has one.
std::optional<absl::Duration> FindRetryAfter(HeaderLookup headers, absl::Time now);

}  // namespace zbroker::zai

#endif  // ZBROKER_SHIMS_ZAI_RETRY_AFTER_H_
