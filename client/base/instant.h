// Instants as people write them.
#ifndef ZBROKER_CLIENT_BASE_INSTANT_H_
#define ZBROKER_CLIENT_BASE_INSTANT_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace zbroker {

// Reads an instant that is ahead: "2h30m" (so much later than `now`), "18:00" or "18:00:30" (when
// the clocks of `zone` show that next), "2026-12-24 18:00", which is that zone's too unless an
// offset follows, as in "2026-12-24T18:00:00+01:00". Errors: INVALID_ARGUMENT for anything else,
// for what has passed, and for what is more than 10 years ahead.
absl::StatusOr<absl::Time> ParseInstant(absl::string_view text, absl::Time now,
                                        absl::TimeZone zone);

}  // namespace zbroker

#endif  // ZBROKER_CLIENT_BASE_INSTANT_H_
