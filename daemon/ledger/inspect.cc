#include "daemon/ledger/inspect.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/base/status.h"
#include "daemon/ledger/migrate.h"
#include "daemon/ledger/sql.h"

namespace zbroker::ledger {
namespace {

// A daemon makes it when it opens the ledger, and takes it away when it ends in order.
bool HasLog(const std::string& path) {
  struct stat info {};
  return stat(absl::StrCat(path, "-wal").c_str(), &info) == 0;
}

}  // namespace

absl::StatusOr<Inspection> Inspection::Begin(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return ErrnoToStatus(errno, path);
  if (!S_ISREG(info.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat("ledger ", path, ": is not a file"));
  }
  const bool unlocked = !HasLog(path);
  ZB_ASSIGN_OR_RETURN(auto database, Database::Open(path, unlocked ? Database::Mode::kReadUnlocked
                                                                   : Database::Mode::kRead));
  ZB_RETURN_IF_ERROR(CheckVersion(*database).status());
  return Inspection(std::move(database), unlocked);
}

absl::StatusOr<ClockEvidence> Inspection::Clock(const std::string& boot_id, const Now& now) {
  ClockEvidence evidence;
  const int64_t wall_us = absl::ToUnixMicros(now.wall);
  int64_t boot = 0;
  int64_t correction_us = 0;
  {
    Statement select(*database_, sql::kSelectBoot);
    Use use(select, boot_id);
    ZB_ASSIGN_OR_RETURN(const bool known, use.Step());
    if (known) {
      boot = use.Int(0);
      correction_us = wall_us - now.boot.micros() - use.Int(1);
      evidence.step = absl::Microseconds(correction_us);
    }
  }
  Statement select(*database_, sql::kSelectNewestLease);
  Use use(select);
  ZB_ASSIGN_OR_RETURN(const bool any, use.Step());
  if (!any) return evidence;
  const int64_t correction = use.Int(1) == boot ? correction_us : use.Int(2);
  evidence.ahead =
      std::max(absl::ZeroDuration(), absl::Microseconds(use.Int(0) + correction - wall_us));
  return evidence;
}

absl::Status Inspection::CheckAll() {
  const absl::Status status = CheckPages(*database_);
  if (!status.ok() && unlocked_ && HasLog(database_->path())) {
    return absl::AbortedError(
        absl::StrCat("ledger ", database_->path(), ": a daemon began to write to it meanwhile"));
  }
  return status;
}

}  // namespace zbroker::ledger
