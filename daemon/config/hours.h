// Hours of the week and time zones, as people write them.
#ifndef ZBROKER_DAEMON_CONFIG_HOURS_H_
#define ZBROKER_DAEMON_CONFIG_HOURS_H_

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/config/table_reader.h"
#include "daemon/core/week_hours.h"

namespace zbroker::config {

// The zone of the provider's clocks: UTC+8, without daylight saving.
absl::TimeZone ProviderZone();

// "mon" to "sun", and ranges of them, "mon-fri", through the end of the week too, "sat-mon".
// Empty for anything else, and for none.
std::optional<std::array<bool, 7>> ParseDays(const std::vector<std::string>& words);

// "15:00-18:00", as minutes of the day; "22:00-06:00" ends on the next day. Each may be "24:00" or
// "00:00" at the end. Empty for anything else.
std::optional<std::pair<int, int>> ParseHours(absl::string_view text);

// "UTC", "UTC+8", "+08:00", "UTC-03:30", up to 14 hours; else a name of the machine's zone files,
// like "Asia/Shanghai". Empty for anything else.
std::optional<absl::TimeZone> ParseZone(absl::string_view text);

// The key `tz`.
std::optional<absl::TimeZone> ReadZone(TableReader& reader);

// The keys `days`, `hours` and `tz`; what is absent is as in `otherwise`.
core::WeekHours ReadHours(TableReader& reader, core::WeekHours otherwise);

}  // namespace zbroker::config

#endif  // ZBROKER_DAEMON_CONFIG_HOURS_H_
