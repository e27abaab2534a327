#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/base/status.h"
#include "tests/bench/cases.h"
#include "tests/bench/crowd.h"
#include "tests/bench/daemon.h"
#include "tests/bench/echo.h"
#include "tests/bench/lease_loop.h"
#include "tests/bench/process.h"

namespace zbroker::bench {
namespace {

constexpr size_t kWaiters = 1000;
constexpr size_t kConnections = 10;
constexpr int kPerRound = 100;
constexpr char kConfig[] = "[account.default.slots]\nlimit = 1\n";

absl::Status HandOn(Crowd& crowd, Crowd::Grant& holder, Samples& samples) {
  const Instant begin = ReadClock();
  crowd.Release(holder);
  ZB_ASSIGN_OR_RETURN(const Crowd::Grant next, crowd.NextGrant());
  samples.Add(Between(begin, next.at));
  // So that every hand-off meets the same queue.
  crowd.Acquire(holder.stream);
  holder = next;
  return crowd.AwaitAnswers();
}

absl::Status HandOnAndEcho(Crowd& crowd, Crowd::Grant& holder, Samples& hand_offs, LeaseLoop& loop,
                           Samples& echoes) {
  for (int i = 0; i < kPerRound; ++i) ZB_RETURN_IF_ERROR(HandOn(crowd, holder, hand_offs));
  ZB_ASSIGN_OR_RETURN(const LeaseTimes times, loop.Run(kPerRound));
  echoes.Add(times.acquire);
  return absl::OkStatus();
}

void AddRows(const std::string& what, const Samples& hand_offs, const Samples& echoes,
             Report& report) {
  const Distribution distribution{
      .what = what, .samples = hand_offs, .reference_what = "stream echo", .reference = &echoes};
  Row median = distribution.At(50);
  median.figure = Figure{.bound = 200, .words = "≤ 200 µs"};
  report.Add(std::move(median));
  Row worst = distribution.At(99);
  worst.figure = Figure{.bound = 2000, .words = "≤ 2 ms"};
  report.Add(std::move(worst));
}

}  // namespace

absl::Status MeasureHandOff(const Settings& settings, Report& report) {
  ZB_ASSIGN_OR_RETURN(const Daemon daemon, Daemon::Start(settings, "hand", kConfig));
  const std::string echo_socket = settings.Path("hand/echo.sock");
  ZB_ASSIGN_OR_RETURN(const Child echo, StartEcho(settings, echo_socket));
  ZB_ASSIGN_OR_RETURN(const auto echo_loop, LeaseLoop::Open(echo_socket, v1::KIND_CALL));
  ZB_ASSIGN_OR_RETURN(const auto crowd, Crowd::Open(daemon.socket(), kConnections));
  for (size_t i = 0; i < 1 + kWaiters; ++i) crowd->Acquire(i % kConnections);
  ZB_RETURN_IF_ERROR(crowd->AwaitAnswers());
  ZB_ASSIGN_OR_RETURN(Crowd::Grant holder, crowd->NextGrant());

  // Somebody who looks at the queue again and again, as fast as it is shown.
  const Command look{.arguments = {"/bin/sh", "-c",
                                   absl::StrCat("while :; do ", settings.Binary("zctl"),
                                                " queue >/dev/null; done")},
                     .environment = daemon.environment()};
  Samples hand_offs, echoes, looked_at, echoes_beside;
  for (int round = 0; round < settings.rounds; ++round) {
    ZB_RETURN_IF_ERROR(HandOnAndEcho(*crowd, holder, hand_offs, *echo_loop, echoes));
    ZB_ASSIGN_OR_RETURN(const Child looker, Child::Start(look));
    ZB_RETURN_IF_ERROR(HandOnAndEcho(*crowd, holder, looked_at, *echo_loop, echoes_beside));
  }
  AddRows("release → next grant, 1,000 waiting", hand_offs, echoes, report);
  AddRows("the same while `zctl queue` loops", looked_at, echoes_beside, report);
  return absl::OkStatus();
}

}  // namespace zbroker::bench
