#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/base/status.h"
#include "tests/bench/cases.h"
#include "tests/bench/daemon.h"
#include "tests/bench/large_ledger.h"
#include "tests/bench/lease_loop.h"

namespace zbroker::bench {
namespace {

// A start is long, so four rounds of other cases make one of these.
constexpr int kRoundsPerStart = 4;
constexpr int kPairsBefore = 200;

// One daemon is killed at work, so that its successor finds a write-ahead log. The ledger is in the
// page cache, as it is when the machine has not restarted.
absl::Status KillAndStart(const Settings& settings, const std::string& name, Samples& samples) {
  {
    ZB_ASSIGN_OR_RETURN(const Daemon daemon, Daemon::Start(settings, name, ""));
    ZB_ASSIGN_OR_RETURN(const auto loop, LeaseLoop::Open(daemon.socket(), v1::KIND_PROMPT));
    ZB_RETURN_IF_ERROR(loop->Run(kPairsBefore).status());
  }
  ZB_ASSIGN_OR_RETURN(const Daemon daemon, Daemon::Start(settings, name, ""));
  samples.Add(daemon.start_time());
  return absl::OkStatus();
}

}  // namespace

absl::Status MeasureRestart(const Settings& settings, Report& report) {
  ZB_ASSIGN_OR_RETURN(const std::string large, LargeLedger(settings));
  Samples with_large, with_small;
  for (int i = 0; i < std::max(1, settings.rounds / kRoundsPerStart); ++i) {
    ZB_RETURN_IF_ERROR(KillAndStart(settings, large, with_large));
    ZB_RETURN_IF_ERROR(KillAndStart(settings, "small", with_small));
  }
  const Distribution distribution{
      .what = absl::StrCat("daemon killed → serving, ", RowsLabel(settings)),
      .unit = Unit::kMilliseconds,
      .samples = with_large,
      .reference_what = "small ledger",
      .reference = &with_small};
  report.Add(distribution.At(50));
  Row worst = distribution.At(100);
  worst.figure = Figure{.bound = 250, .words = "≤ 250 ms"};
  report.Add(std::move(worst));
  return absl::OkStatus();
}

}  // namespace zbroker::bench
