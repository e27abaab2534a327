#include <poll.h>
#include <signal.h>

#include <memory>
#include <string>

#include "client/base/process.h"
#include "client/base/status.h"
#include "tests/bench/cases.h"
#include "tests/bench/crowd.h"
#include "tests/bench/daemon.h"
#include "tests/bench/echo.h"
#include "tests/bench/holder.h"

namespace zbroker::bench {
namespace {

constexpr int kPerRound = 3;
constexpr char kConfig[] =
    "[account.default.slots]\nlimit = 1\n"
    "[broker]\nunclean_hold = \"0s\"\n";

absl::Status KillHolder(const Settings& settings, const Daemon& daemon, Crowd& waiter,
                        Samples& samples) {
  ZB_ASSIGN_OR_RETURN(Child holder, StartHolder(settings, daemon.socket()));
  waiter.Acquire(0);
  ZB_RETURN_IF_ERROR(waiter.AwaitAnswers());
  const Instant begin = ReadClock();
  holder.Signal(SIGKILL);
  ZB_ASSIGN_OR_RETURN(const Crowd::Grant grant, waiter.NextGrant());
  samples.Add(Between(begin, grant.at));
  waiter.Release(grant);
  return absl::OkStatus();
}

// The least it can take: until the kernel reports the end of a process just like that.
absl::Status KillEchoed(const Settings& settings, const std::string& echo_socket,
                        Samples& samples) {
  ZB_ASSIGN_OR_RETURN(Child holder, StartHolder(settings, echo_socket));
  const Fd pidfd = OpenPidfd(holder.pid());
  if (!pidfd.valid()) return absl::UnimplementedError("the kernel has no pidfds");
  const Instant begin = ReadClock();
  holder.Signal(SIGKILL);
  pollfd wait{pidfd.get(), POLLIN, 0};
  poll(&wait, 1, -1);
  samples.Add(Between(begin, ReadClock()));
  return absl::OkStatus();
}

}  // namespace

absl::Status MeasureHolderDeath(const Settings& settings, Report& report) {
  ZB_ASSIGN_OR_RETURN(const Daemon daemon, Daemon::Start(settings, "death", kConfig));
  const std::string echo_socket = settings.Path("death/echo.sock");
  ZB_ASSIGN_OR_RETURN(const Child echo, StartEcho(settings, echo_socket));
  ZB_ASSIGN_OR_RETURN(const auto waiter, Crowd::Open(daemon.socket(), 1));
  Samples grants, ends;
  for (int i = 0; i < settings.rounds * kPerRound; ++i) {
    ZB_RETURN_IF_ERROR(KillHolder(settings, daemon, *waiter, grants));
    ZB_RETURN_IF_ERROR(KillEchoed(settings, echo_socket, ends));
  }
  const Distribution distribution{.what = "holder killed → next grant",
                                  .unit = Unit::kMilliseconds,
                                  .samples = grants,
                                  .reference_what = "pidfd of a killed process",
                                  .reference = &ends};
  report.Add(distribution.At(50));
  Row worst = distribution.At(99);
  worst.figure = Figure{.bound = 10, .words = "≤ 10 ms"};
  report.Add(std::move(worst));
  return absl::OkStatus();
}

}  // namespace zbroker::bench
