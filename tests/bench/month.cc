#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "absl/time/clock.h"
#include "client/base/status.h"
#include "client/broker/control_client.h"
#include "tests/bench/cases.h"
#include "tests/bench/daemon.h"
#include "tests/bench/large_ledger.h"
#include "tests/bench/process.h"
#include "tests/bench/sqlite.h"

namespace zbroker::bench {
namespace {

constexpr absl::Duration kMonth = absl::Hours(24 * 30);
constexpr int kRoundsPerReload = 4;

// Of a rolling window every charge counts by itself; of the other one only their sum.
std::string ConfigOf(absl::string_view kind) {
  return absl::Substitute(R"(
[[account.default.window]]
name = "month"
unit = "calls"
length = "720h"
limit = 100000000
kind = "$0"
)",
                          kind);
}

// $0 how many, $1 microseconds at the first, $2 microseconds between two.
constexpr char kFillMonth[] = R"(
  BEGIN;
  WITH RECURSIVE counter (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < $0)
  INSERT INTO charge (account, window, at_us, lease, boot, amount_micros)
  SELECT 'default', 'month', $1 + n * $2, n, 1, 1000000 FROM counter;
  COMMIT)";

absl::Status Fill(const Settings& settings, const std::string& name, const std::string& config) {
  ZB_ASSIGN_OR_RETURN(Daemon daemon, Daemon::Start(settings, name, config));
  ZB_RETURN_IF_ERROR(daemon.End());
  ZB_ASSIGN_OR_RETURN(const auto database,
                      Sqlite::Open(absl::StrCat(daemon.state_dir(), "/ledger.db")));
  ZB_RETURN_IF_ERROR(database->Execute("PRAGMA synchronous = OFF"));
  // None of them ages out while this runs.
  const int64_t step_us = absl::ToInt64Microseconds(kMonth - absl::Hours(24)) / settings.rows;
  const int64_t begin_us = absl::ToUnixMicros(absl::Now()) - (settings.rows + 1) * step_us;
  return database->Execute(absl::Substitute(kFillMonth, settings.rows, begin_us, step_us));
}

absl::Status MeasureKind(const Settings& settings, const std::string& kind, Report& report) {
  const std::string name = absl::StrCat("month-", kind);
  const std::string config = ConfigOf(kind);
  ZB_RETURN_IF_ERROR(Fill(settings, name, config));
  ZB_ASSIGN_OR_RETURN(const Daemon small, Daemon::Start(settings, "month-small", config));
  ZB_ASSIGN_OR_RETURN(const Daemon daemon, Daemon::Start(settings, name, config));
  ZB_ASSIGN_OR_RETURN(const MemoryUse use, ReadMemoryUse(daemon.pid()));
  ZB_ASSIGN_OR_RETURN(const MemoryUse reference, ReadMemoryUse(small.pid()));
  const std::string what = absl::StrCat(kind, " month of ", RowsLabel(settings));
  report.Add({.what = absl::StrCat(what, ", RSS"),
              .unit = Unit::kMegabytes,
              .measured = use.resident_mb,
              .reference_what = "empty ledger",
              .reference = reference.resident_mb});
  Samples reloads, small_reloads;
  for (int i = 0; i < std::max(1, settings.rounds / kRoundsPerReload); ++i) {
    for (const Daemon* one : {&daemon, &small}) {
      ZB_ASSIGN_OR_RETURN(
          const auto client,
          broker::ControlClient::Connect({.socket_path = one->socket(), .start_daemon = false}));
      const Instant begin = ReadClock();
      ZB_RETURN_IF_ERROR(client->Reload().status());
      (one == &daemon ? reloads : small_reloads).Add(Between(begin, ReadClock()));
    }
  }
  report.Add(Distribution{.what = absl::StrCat(what, ", reload"),
                          .unit = Unit::kMilliseconds,
                          .samples = reloads,
                          .reference_what = "empty ledger",
                          .reference = &small_reloads}
                 .At(50));
  ZB_ASSIGN_OR_RETURN(const MemoryUse after, ReadMemoryUse(daemon.pid()));
  report.Add({.what = absl::StrCat(what, ", RSS after reloads"),
              .unit = Unit::kMegabytes,
              .measured = after.resident_mb});
  Samples start;
  start.Add(daemon.start_time());
  report.Add(Distribution{
      .what = absl::StrCat(what, ", start"), .unit = Unit::kMilliseconds, .samples = start}
                 .At(50));
  return absl::OkStatus();
}

}  // namespace

absl::Status MeasureMonth(const Settings& settings, Report& report) {
  ZB_RETURN_IF_ERROR(MeasureKind(settings, "rolling", report));
  return MeasureKind(settings, "anchored", report);
}

}  // namespace zbroker::bench
