// Lengths of time as people write them.
#ifndef ZBROKER_CLIENT_BASE_DURATION_H_
#define ZBROKER_CLIENT_BASE_DURATION_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace zbroker {

// Reads "90s", "1h30m", "250ms", "7d", "2w"; a day is 24 h. Errors: INVALID_ARGUMENT for anything
// else, for a negative or infinite length, and for one beyond 10 years.
absl::StatusOr<absl::Duration> ParseDuration(absl::string_view text);

// The two most significant units: "850ms", "4.2s", "3m12s", "5h", "2d3h". Negative lengths read as
// zero.
std::string FormatDuration(absl::Duration length);

}  // namespace zbroker

#endif  // ZBROKER_CLIENT_BASE_DURATION_H_
