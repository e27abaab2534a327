// Brings a ledger file to the present version.
#ifndef ZBROKER_DAEMON_LEDGER_MIGRATE_H_
#define ZBROKER_DAEMON_LEDGER_MIGRATE_H_

#include "absl/status/status.h"
#include "daemon/ledger/database.h"

namespace zbroker::ledger {

// Each step is one transaction. Errors: FAILED_PRECONDITION when the file is another program's or
// was written by a newer zbroker; DATA_LOSS when it is damaged. The file is then as it was.
absl::Status Migrate(Database& database);

}  // namespace zbroker::ledger

#endif  // ZBROKER_DAEMON_LEDGER_MIGRATE_H_
