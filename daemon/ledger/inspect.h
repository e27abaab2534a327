// Looking at a ledger that may be another process's, without changing it or holding anybody up.
#ifndef ZBROKER_DAEMON_LEDGER_INSPECT_H_
#define ZBROKER_DAEMON_LEDGER_INSPECT_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/base/clock.h"
#include "daemon/ledger/database.h"

namespace zbroker::ledger {

// What the ledger tells of the machine's clock.
struct ClockEvidence {
  // By how much the wall clock has been set since the daemon first saw this boot.
  absl::Duration step;
  // How far the newest lease lies in the future; zero: it does not.
  absl::Duration ahead;
};

// Move-only. Not thread-safe.
class Inspection {
 public:
  // Reads what is there. Where no daemon has been at work since the file was last closed, neither
  // locks are taken nor files made beside it. Errors: NOT_FOUND when there is no file; those of
  // Database::Open and CheckVersion.
  static absl::StatusOr<Inspection> Begin(const std::string& path);

  absl::StatusOr<ClockEvidence> Clock(const std::string& boot_id, const Now& now);

  // Reads all of it, for as long as that takes. Errors: DATA_LOSS when it is damaged; ABORTED when
  // a daemon has begun to write to it meanwhile, so that nothing can be said.
  absl::Status CheckAll();

 private:
  Inspection(std::unique_ptr<Database> database, bool unlocked)
      : database_(std::move(database)), unlocked_(unlocked) {}

  std::unique_ptr<Database> database_;
  bool unlocked_;
};

}  // namespace zbroker::ledger

#endif  // ZBROKER_DAEMON_LEDGER_INSPECT_H_
