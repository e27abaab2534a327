#include <string>

#include "absl/strings/str_cat.h"
#include "client/base/status.h"
#include "tests/bench/cases.h"
#include "tests/bench/daemon.h"
#include "tests/bench/large_ledger.h"
#include "tests/bench/process.h"

namespace zbroker::bench {
namespace {

constexpr int kPerRound = 5;

absl::Status CallStatus(const Settings& settings, const Daemon& daemon, Samples& samples) {
  ZB_ASSIGN_OR_RETURN(const absl::Duration length,
                      Time({.arguments = {settings.Binary("zctl"), "status"},
                            .environment = daemon.environment()}));
  samples.Add(length);
  return absl::OkStatus();
}

}  // namespace

absl::Status MeasureStatusCall(const Settings& settings, Report& report) {
  ZB_ASSIGN_OR_RETURN(const std::string large, LargeLedger(settings));
  ZB_ASSIGN_OR_RETURN(const Daemon with_large, Daemon::Start(settings, large, ""));
  ZB_ASSIGN_OR_RETURN(const Daemon with_small, Daemon::Start(settings, "small", ""));
  Samples large_calls, small_calls;
  for (int i = 0; i < settings.rounds * kPerRound; ++i) {
    ZB_RETURN_IF_ERROR(CallStatus(settings, with_large, large_calls));
    ZB_RETURN_IF_ERROR(CallStatus(settings, with_small, small_calls));
  }
  report.AddPercentiles({.what = absl::StrCat("zctl status, ", RowsLabel(settings)),
                         .unit = Unit::kMilliseconds,
                         .samples = large_calls,
                         .reference_what = "small ledger",
                         .reference = &small_calls},
                        Figure{.bound = 30, .words = "≤ 30 ms"});
  return absl::OkStatus();
}

}  // namespace zbroker::bench
