#include "daemon/ledger/migrate.h"

#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/base/status.h"
#include "daemon/ledger/migrations.h"
#include "daemon/ledger/sql.h"

namespace zbroker::ledger {
namespace {

constexpr int64_t kVersion = std::size(sql::kMigrations);

// Checking a page takes a few microseconds, so a large ledger would hold up the start. Damage in it
// shows when the damaged page is used.
constexpr int64_t kPagesCheckedMax = 2'000;

absl::Status CheckIdentity(Database& database, int64_t version) {
  ZB_ASSIGN_OR_RETURN(const int64_t application, database.QueryInt(sql::kGetApplicationId));
  ZB_ASSIGN_OR_RETURN(const int64_t tables, database.QueryInt(sql::kCountTables));
  if (application == sql::kApplicationId || (application == 0 && tables == 0 && version == 0)) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(absl::StrCat("ledger ", database.path(),
                                                    ": the file belongs to another program; name "
                                                    "another directory with --state-dir"));
}

absl::Status Step(Database& database, int64_t version) {
  ZB_RETURN_IF_ERROR(database.Execute(sql::kBegin));
  absl::Status status = database.Execute(sql::kMigrations[version]);
  if (status.ok()) {
    status = database.Execute(absl::StrCat("PRAGMA user_version = ", version + 1).c_str());
  }
  if (status.ok()) status = database.Execute(sql::kCommit);
  if (!status.ok()) database.Execute(sql::kRollback).IgnoreError();
  return status;
}

}  // namespace

absl::StatusOr<int64_t> CheckVersion(Database& database) {
  ZB_ASSIGN_OR_RETURN(const int64_t version, database.QueryInt(sql::kGetUserVersion));
  ZB_RETURN_IF_ERROR(CheckIdentity(database, version));
  if (version > kVersion) {
    return absl::FailedPreconditionError(
        absl::StrCat("ledger ", database.path(), ": written by a newer zbroker (format ", version,
                     "; this one knows ", kVersion,
                     "): install that version again, or name another directory "
                     "with --state-dir"));
  }
  return version;
}

absl::Status CheckPages(Database& database) {
  ZB_ASSIGN_OR_RETURN(const std::string verdict, database.QueryText(sql::kQuickCheck));
  if (verdict == "ok") return absl::OkStatus();
  constexpr int kCorrupt = 11;  // SQLITE_CORRUPT
  return Annotate(database.ToStatus(kCorrupt), verdict.substr(verdict.rfind('\n') + 1));
}

absl::Status Migrate(Database& database) {
  // Closing would else copy what a -wal file holds into a database that is to stay as it is.
  database.SetCheckpointOnClose(false);
  ZB_ASSIGN_OR_RETURN(int64_t version, CheckVersion(database));
  ZB_ASSIGN_OR_RETURN(const int64_t pages, database.QueryInt(sql::kGetPageCount));
  if (pages <= kPagesCheckedMax) ZB_RETURN_IF_ERROR(CheckPages(database));
  database.SetCheckpointOnClose(true);
  for (; version < kVersion; ++version) ZB_RETURN_IF_ERROR(Step(database, version));
  return absl::OkStatus();
}

}  // namespace zbroker::ledger
