#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "client/base/status.h"
#include "tests/bench/cases.h"
#include "tests/bench/daemon.h"
#include "tests/bench/echo.h"
#include "tests/bench/lease_loop.h"

namespace zbroker::bench {
namespace {

constexpr int kClients = 16;
constexpr absl::Duration kSlice = absl::Milliseconds(250);
constexpr char kConfig[] = "[account.default.slots]\nlimit = 64\n";

// Clients that work at the same time.
class Clients {
 public:
  static absl::StatusOr<Clients> Open(const std::string& socket, v1::Kind kind) {
    Clients clients;
    ZB_ASSIGN_OR_RETURN(clients.loops_, OpenLoops(socket, kind, kClients));
    return clients;
  }

  // Works for a slice of time, and notes how many pairs a second that gave.
  absl::Status Run() {
    const Instant begin = ReadClock();
    for (const auto& loop : loops_) loop->Start(INT64_MAX);
    absl::SleepFor(kSlice);
    for (const auto& loop : loops_) loop->Stop();
    size_t pairs = 0;
    for (const auto& loop : loops_) {
      ZB_ASSIGN_OR_RETURN(const LeaseTimes times, loop->Wait());
      pairs += times.pair.count();
    }
    rates_.push_back(static_cast<double>(pairs) /
                     absl::ToDoubleSeconds(Between(begin, ReadClock())));
    return absl::OkStatus();
  }

  double MedianRate() const {
    std::vector<double> sorted = rates_;
    const auto middle = sorted.begin() + static_cast<ptrdiff_t>(sorted.size() / 2);
    std::nth_element(sorted.begin(), middle, sorted.end());
    return *middle;
  }

 private:
  std::vector<std::unique_ptr<LeaseLoop>> loops_;
  std::vector<double> rates_;
};

}  // namespace

absl::Status MeasureThroughput(const Settings& settings, Report& report) {
  ZB_ASSIGN_OR_RETURN(const Daemon daemon, Daemon::Start(settings, "rate", kConfig));
  const std::string echo_socket = settings.Path("rate/echo.sock");
  ZB_ASSIGN_OR_RETURN(const Child echo, StartEcho(settings, echo_socket));
  ZB_ASSIGN_OR_RETURN(Clients bare, Clients::Open(echo_socket, v1::KIND_CALL));
  ZB_ASSIGN_OR_RETURN(Clients calls, Clients::Open(daemon.socket(), v1::KIND_CALL));
  ZB_ASSIGN_OR_RETURN(Clients prompts, Clients::Open(daemon.socket(), v1::KIND_PROMPT));
  for (int i = 0; i < settings.rounds; ++i) {
    for (Clients* clients : {&bare, &calls, &prompts}) ZB_RETURN_IF_ERROR(clients->Run());
  }
  Row row{.what = "grants, 16 clients, no charge",
          .unit = Unit::kPerSecond,
          .measured = calls.MedianRate(),
          .reference_what = "pairs of stream echoes",
          .reference = bare.MedianRate()};
  row.figure = Figure{.sense = Figure::Sense::kAtLeast,
                      .bound = 0.5 * bare.MedianRate(),
                      .words = "≥ 0.5 × bare gRPC"};
  report.Add(row);
  row.what = "grants, 16 clients, with charge";
  row.measured = prompts.MedianRate();
  row.figure.reset();
  report.Add(row);
  return absl::OkStatus();
}

}  // namespace zbroker::bench
