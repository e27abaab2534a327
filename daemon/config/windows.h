// An account's windows.
#ifndef ZBROKER_DAEMON_CONFIG_WINDOWS_H_
#define ZBROKER_DAEMON_CONFIG_WINDOWS_H_

#include <vector>

#include "client/config/table_reader.h"
#include "daemon/core/config.h"

namespace zbroker::config {

// [[account.NAME.window]]: name, unit, length, limit, kind, enforce, anchor, tz, models, pace. One
// that is called like one of the plan's takes its place, others follow them; without any at all,
// there is that of BrokerConfig::Defaults().
std::vector<core::WindowConfig> ReadWindows(TableReader& account,
                                            std::vector<core::WindowConfig> of_plan);

}  // namespace zbroker::config

#endif  // ZBROKER_DAEMON_CONFIG_WINDOWS_H_
