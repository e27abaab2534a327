// Brings a ledger file to the present version.
#ifndef ZBROKER_DAEMON_LEDGER_MIGRATE_H_
#define ZBROKER_DAEMON_LEDGER_MIGRATE_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/ledger/database.h"

namespace zbroker::ledger {

// The version of a file that is fit to be ours. Changes nothing. Errors: FAILED_PRECONDITION when
// the file is another program's or was written by a newer zbroker; those of Database.
absl::StatusOr<int64_t> CheckVersion(Database& database);

// Reads the whole file. Errors: DATA_LOSS, with what is wrong, when it is damaged; those of
// Database.
absl::Status CheckPages(Database& database);

// Each step is one transaction. Errors: FAILED_PRECONDITION when the file is another program's or
// was written by a newer zbroker; DATA_LOSS when it is damaged. The file is then as it was.
absl::Status Migrate(Database& database);

}  // namespace zbroker::ledger

#endif  // ZBROKER_DAEMON_LEDGER_MIGRATE_H_
