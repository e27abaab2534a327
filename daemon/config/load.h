// A configuration file as the core wants it.
#ifndef ZBROKER_DAEMON_CONFIG_LOAD_H_
#define ZBROKER_DAEMON_CONFIG_LOAD_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/core/config.h"

namespace zbroker::config {

// Reads TOML and checks all of it. What comes back meets every rule that core/config.h states:
//
//   [broker]                  default_account, queue_max, age_after, reclaim_grace, unclean_hold,
//                             retention, shadow
//   [account.NAME]            plan, generation, purchased, upstream, shadow, mcp_credits; at most
//   64,
//                             in the order of the file; without any, the default account
//   [account.NAME.slots]      limit, learn, min, max, reserve_interactive, per_session
//   [account.NAME.peak]       days, hours, tz
//   [[account.NAME.window]]   name, unit, length, limit, kind, enforce, anchor, tz, models,
//                             pace; at most
//   16 an
//                             account; see windows.h
//   [[account.NAME.pool]]     models, limit; at most 16, which take the place of the plan's
//   [[account.NAME.weight]]   models, weight, days, hours, tz; before the plan's
//   [[account.NAME.rate]]     models, input, cached, output; before the plan's
//   [[account.NAME.schedule]] limit, days, hours, tz
//   [[account.NAME.priority]] models, programs, background, priority
//   [account.NAME.mcp]        tools, slots
//
// Every `tz` is by default the provider's, UTC+8. A plan brings what presets.h says.
//
// The default account is the one that broker.default_account names, else the one called "default",
// else the only one. Keys that are absent have the values of BrokerConfig::Defaults().
//
// Errors: INVALID_ARGUMENT "FILE:LINE: key: what is wrong; what was expected" for the mistake that
// stands first in the file; `file_name` serves only for that. A text that is not TOML has no keys,
// and its error none. Keys that are not above are errors too, so no misspelling is ever ignored.
//
// All functions are thread-safe.
absl::StatusOr<core::BrokerConfig> ParseConfig(absl::string_view text,
                                               const std::string& file_name);

// The bytes of a configuration file. Errors: NOT_FOUND, PERMISSION_DENIED, FAILED_PRECONDITION for
// a directory or a pipe, INVALID_ARGUMENT for a file larger than 1 MiB. Never waits for input.
absl::StatusOr<std::string> ReadConfigFile(const std::string& path);

// ParseConfig for the file at `path`. An empty path stands for no file: BrokerConfig::Defaults().
// Errors in addition: those of ReadConfigFile.
absl::StatusOr<core::BrokerConfig> LoadConfig(const std::string& path);

}  // namespace zbroker::config

#endif  // ZBROKER_DAEMON_CONFIG_LOAD_H_
