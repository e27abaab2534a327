// An account's section.
#ifndef ZBROKER_DAEMON_CONFIG_ACCOUNT_H_
#define ZBROKER_DAEMON_CONFIG_ACCOUNT_H_

#include "client/config/table_reader.h"
#include "daemon/core/config.h"

namespace zbroker::config {

// [account.NAME], with all that is in it. `shadow` holds where the account does not say.
core::AccountConfig ReadAccount(TableReader& reader, bool shadow);

}  // namespace zbroker::config

#endif  // ZBROKER_DAEMON_CONFIG_ACCOUNT_H_
