#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/base/status.h"
#include "tests/bench/cases.h"
#include "tests/bench/crowd.h"
#include "tests/bench/daemon.h"
#include "tests/bench/echo.h"
#include "tests/bench/process.h"

namespace zbroker::bench {
namespace {

constexpr size_t kWaiters = 10'000;
constexpr size_t kConnections = 4;
constexpr char kConfig[] =
    "[account.default.slots]\nlimit = 1\n"
    "[broker]\nqueue_max = 20000\n";

// Adds what a process uses beside the bare gRPC server, and judges the resident size: the stricter.
absl::Status AddUse(const std::string& when, pid_t daemon, pid_t echo, double bound,
                    Report& report) {
  ZB_ASSIGN_OR_RETURN(const MemoryUse use, ReadMemoryUse(daemon));
  ZB_ASSIGN_OR_RETURN(const MemoryUse reference, ReadMemoryUse(echo));
  report.Add({.what = absl::StrCat("daemon memory, ", when, ", RSS"),
              .unit = Unit::kMegabytes,
              .measured = use.resident_mb,
              .reference_what = "idle bare gRPC server",
              .reference = reference.resident_mb,
              .figure = Figure{.bound = bound, .words = absl::StrCat("≤ ", bound, " MB")}});
  report.Add({.what = absl::StrCat("daemon memory, ", when, ", PSS"),
              .unit = Unit::kMegabytes,
              .measured = use.proportional_mb,
              .reference_what = "idle bare gRPC server",
              .reference = reference.proportional_mb});
  return absl::OkStatus();
}

}  // namespace

absl::Status MeasureMemory(const Settings& settings, Report& report) {
  ZB_ASSIGN_OR_RETURN(const Daemon daemon, Daemon::Start(settings, "memory", kConfig));
  ZB_ASSIGN_OR_RETURN(const Child echo, StartEcho(settings, settings.Path("memory/echo.sock")));
  ZB_RETURN_IF_ERROR(AddUse("idle", daemon.pid(), echo.pid(), 25, report));

  ZB_ASSIGN_OR_RETURN(const auto holder, Crowd::Open(daemon.socket(), 1));
  holder->Acquire(0);
  ZB_RETURN_IF_ERROR(holder->NextGrant().status());
  ZB_ASSIGN_OR_RETURN(const auto waiters, Crowd::Open(daemon.socket(), kConnections));
  for (size_t i = 0; i < kWaiters; ++i) waiters->Acquire(i % kConnections);
  ZB_RETURN_IF_ERROR(waiters->AwaitAnswers());
  return AddUse("10,000 waiters", daemon.pid(), echo.pid(), 60, report);
}

}  // namespace zbroker::bench
