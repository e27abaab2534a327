#include <memory>
#include <string>

#include "client/base/status.h"
#include "tests/bench/cases.h"
#include "tests/bench/crowd.h"
#include "tests/bench/daemon.h"
#include "tests/bench/echo.h"
#include "tests/bench/lease_loop.h"

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

  Samples hand_offs, echoes;
  for (int round = 0; round < settings.rounds; ++round) {
    for (int i = 0; i < kPerRound; ++i) ZB_RETURN_IF_ERROR(HandOn(*crowd, holder, hand_offs));
    ZB_ASSIGN_OR_RETURN(const LeaseTimes times, echo_loop->Run(kPerRound));
    echoes.Add(times.acquire);
  }
  const Distribution distribution{.what = "release → next grant, 1,000 waiting",
                                  .samples = hand_offs,
                                  .reference_what = "stream echo",
                                  .reference = &echoes};
  Row median = distribution.At(50);
  median.figure = Figure{.bound = 200, .words = "≤ 200 µs"};
  report.Add(std::move(median));
  Row worst = distribution.At(99);
  worst.figure = Figure{.bound = 2000, .words = "≤ 2 ms"};
  report.Add(std::move(worst));
  return absl::OkStatus();
}

}  // namespace zbroker::bench
