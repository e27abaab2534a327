// Which window a text speaks of.
#ifndef ZBROKER_SHIMS_ZAI_WINDOW_LENGTH_H_
#define ZBROKER_SHIMS_ZAI_WINDOW_LENGTH_H_

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace zbroker::zai {

inline constexpr absl::Duration kDay = absl::Hours(24);
inline constexpr absl::Duration kWeek = absl::Hours(7 * 24);
inline constexpr absl::Duration kMonth =
    absl::Hours(30 * 24);  // as windows are told apart, not as they last

// The first number with a unit of time, "5 hour" or "7 天"; else what "weekly", "monthly", "daily",
// 每周, 每月 or 每日 says if the text has just one of them. Zero: it doesn't say. What
// FindStatedWait finds is no window.
absl::Duration FindWindowLength(absl::string_view text);

// The wait that a text asks for in words, "Resets in 5 days 3 hours", "try again in 59 minutes";
// zero: none.
absl::Duration FindStatedWait(absl::string_view text);

}  // namespace zbroker::zai

#endif  // ZBROKER_SHIMS_ZAI_WINDOW_LENGTH_H_
