// When a used-up window is full again, from what the upstream writes.
#ifndef ZBROKER_SHIMS_ZAI_RESET_TIME_H_
#define ZBROKER_SHIMS_ZAI_RESET_TIME_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace zbroker::zai {

// The provider's clock, UTC+8: what a time without zone means.
absl::TimeZone ProviderZone();

// The first time in `text`: `YYYY-MM-DD HH:MM:SS`, or with slashes, with `T` or white space between
// date and time, a fraction of a second or none, and a zone or none: `Z`, `UTC`, `GMT`, `UTC+8`,
// `+08:00`, `+0800`, `+08`; an HTTP date; seconds or milliseconds since 1970.
std::optional<absl::Time> FindStatedTime(absl::string_view text);

// The text with its times that have no zone, and so are the provider's, as `zone` has them: who
// reads it sees other times beside it by one clock only. A time that names its zone stays.
std::string WithTimesIn(absl::string_view text, absl::TimeZone zone);

// The time in the first 14 digits of a request id, yyyyMMddHHmmss of the provider's clock.
std::optional<absl::Time> RequestIdTime(absl::string_view request_id);

// What a refusal says of the end of a wall. Waits are measured on the upstream's clock (request id,
// unless `Date` says otherwise; else `Date`, else `now`), so ours need not be right; results are by
// the clock that gave `now`.
struct ResetStatement {
  absl::string_view text;                 // holds the time
  absl::string_view request_id;           // may be empty
  std::optional<absl::Time> answered_at;  // the `Date` header
  absl::Duration window_length;           // zero: not known
  absl::Time now;
};

// The first that can be, or, if no time is stated, the wait that is. Nothing if the text states
// neither, or what is past or later than a whole window from now
// (five minutes are allowed for, a day for windows of weeks; 32 days where the length is not
// known).
std::optional<absl::Time> FindResetTime(const ResetStatement& statement);

// The next 00:00 of the provider's clock.
absl::Time FindNextMidnight(const ResetStatement& statement);

// Whether a window of that length, zero if not known, can be used up for that long.
bool IsPlausibleWait(absl::Duration wait, absl::Duration window_length);

}  // namespace zbroker::zai

#endif  // ZBROKER_SHIMS_ZAI_RESET_TIME_H_
