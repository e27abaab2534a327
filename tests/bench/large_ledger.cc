#include "tests/bench/large_ledger.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "absl/time/clock.h"
#include "client/base/status.h"
#include "tests/bench/daemon.h"
#include "tests/bench/sqlite.h"

namespace zbroker::bench {
namespace {

constexpr char kName[] = "large";
constexpr char kUnfinished[] = "filling";
constexpr absl::Duration kHistory = absl::Hours(24 * 30);
constexpr int64_t kRowsPerCommit = 200'000;

// $0 first lease, $1 last lease, $2 microseconds at lease 0, $3 microseconds between two leases.
constexpr char kFill[] = R"(
  WITH RECURSIVE counter (n) AS (SELECT $0 UNION ALL SELECT n + 1 FROM counter WHERE n < $1)
  INSERT INTO lease (lease, ticket, account, model, kind, priority, weight_micros, session, parent,
                     ttl_us, program, pid, uid, start_ticks, boot, queued_us, granted_us,
                     closed_us, outcome, upstream_code, detail)
  SELECT n, lower(hex(randomblob(16))), 'default', 'glm-4.7',
         CASE n % 15 WHEN 0 THEN 'prompt' ELSE 'call' END, 'normal', 1000000,
         'session-' || (n / 1000), 0, 0, 'claude', 1000 + n % 1000, 0, n, 1,
         $2 + n * $3 - 5000, $2 + n * $3, $2 + n * $3 + 2000000, 'ok', '', ''
  FROM counter;
  INSERT INTO charge (account, window, at_us, lease, boot, amount_micros)
  SELECT account, '5h', granted_us, lease, boot, weight_micros
  FROM lease WHERE lease BETWEEN $0 AND $1 AND kind = 'prompt' ORDER BY granted_us)";

absl::Status Fill(const std::string& path, int64_t rows) {
  ZB_ASSIGN_OR_RETURN(const auto database, Sqlite::Open(path));
  ZB_RETURN_IF_ERROR(database->Execute("PRAGMA synchronous = OFF"));
  const int64_t step_us = std::max<int64_t>(absl::ToInt64Microseconds(kHistory) / rows, 1);
  const int64_t begin_us = absl::ToUnixMicros(absl::Now()) - (rows + 1) * step_us;
  for (int64_t first = 1; first <= rows; first += kRowsPerCommit) {
    const int64_t last = std::min(rows, first + kRowsPerCommit - 1);
    ZB_RETURN_IF_ERROR(database->Execute(absl::StrCat(
        "BEGIN;", absl::Substitute(kFill, first, last, begin_us, step_us), "; COMMIT")));
  }
  return database->Execute(
      absl::StrCat("UPDATE mark SET open_from = ", rows + 1, ", counted_to = ", rows));
}

}  // namespace

absl::StatusOr<std::string> LargeLedger(const Settings& settings) {
  std::error_code error;
  if (std::filesystem::exists(settings.Path(kName), error)) return kName;
  ZB_ASSIGN_OR_RETURN(Daemon daemon, Daemon::Start(settings, kUnfinished, ""));
  ZB_RETURN_IF_ERROR(daemon.End());
  ZB_RETURN_IF_ERROR(Fill(absl::StrCat(daemon.state_dir(), "/ledger.db"), settings.rows));
  std::filesystem::rename(settings.Path(kUnfinished), settings.Path(kName), error);
  if (error) return ErrnoToStatus(error.value(), "can't rename the state directory");
  return kName;
}

std::string RowsLabel(const Settings& settings) {
  return settings.rows % 1'000'000 == 0 ? absl::StrCat(settings.rows / 1'000'000, "M rows")
                                        : absl::StrCat(settings.rows, " rows");
}

}  // namespace zbroker::bench
