#ifndef ZBROKER_DAEMON_CONFIG_HOOKS_H_
#define ZBROKER_DAEMON_CONFIG_HOOKS_H_

#include "client/config/table_reader.h"
#include "daemon/core/config.h"

namespace zbroker::config {

// [[hook]]: on, run or url, timeout, after. At most 16. `after`, of hooks on "waiting", is when a
// wait is long, and so the same in all of them.
void ReadHooks(TableReader& root, core::BrokerConfig& config);

}  // namespace zbroker::config

#endif  // ZBROKER_DAEMON_CONFIG_HOOKS_H_
