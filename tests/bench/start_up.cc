#include <string>

#include "client/base/status.h"
#include "tests/bench/cases.h"
#include "tests/bench/daemon.h"
#include "tests/bench/process.h"

namespace zbroker::bench {
namespace {

constexpr int kPerRound = 10;
constexpr double kAddedMsMax = 8;

}  // namespace

absl::Status MeasureStartUp(const Settings& settings, Report& report) {
  ZB_ASSIGN_OR_RETURN(const Daemon daemon, Daemon::Start(settings, "start", ""));
  const std::string command = "/bin/true";
  Samples bare, leased;
  for (int i = 0; i < settings.rounds * kPerRound; ++i) {
    ZB_ASSIGN_OR_RETURN(const absl::Duration one, Time({.arguments = {command}}));
    bare.Add(one);
    ZB_ASSIGN_OR_RETURN(const absl::Duration other,
                        Time({.arguments = {settings.Binary("zlease"), "--", command},
                              .environment = daemon.environment()}));
    leased.Add(other);
  }
  const Distribution distribution{.what = "zlease -- true",
                                  .unit = Unit::kMilliseconds,
                                  .samples = leased,
                                  .reference_what = "true",
                                  .reference = &bare};
  const double bound = absl::ToDoubleMilliseconds(bare.Median()) + kAddedMsMax;
  report.AddPercentiles(distribution, Figure{.bound = bound, .words = "≤ true + 8 ms"});
  return absl::OkStatus();
}

}  // namespace zbroker::bench
