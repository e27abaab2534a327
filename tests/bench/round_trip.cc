#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "client/base/status.h"
#include "client/broker/connect.h"
#include "tests/bench/cases.h"
#include "tests/bench/daemon.h"
#include "tests/bench/echo.h"
#include "tests/bench/lease_loop.h"
#include "tests/bench/sqlite.h"
#include "zbroker/v1/broker.grpc.pb.h"

namespace zbroker::bench {
namespace {

constexpr int kTurnsPerRound = 5;
constexpr int kPerTurn = 10;
// Enough for the ledger's write-ahead log to be as long as it gets; see RowWriter.
constexpr int kPairsToFillLog = 600;

// What is measured beside each other, `kPerTurn` at a time.
class RoundTrips {
 public:
  static absl::StatusOr<std::unique_ptr<RoundTrips>> Open(const Daemon& daemon,
                                                          const std::string& echo_socket);

  absl::Status WarmUp();
  absl::Status TakeTurn();
  void AddTo(Report& report) const;

 private:
  absl::Status CallUnary();
  static absl::Status Commit(RowWriter& writer, Samples& samples);
  static absl::Status Lease(LeaseLoop& loop, LeaseTimes& times);
  void AddCharged(Report& report) const;

  std::unique_ptr<v1::Broker::Stub> stub_;
  std::unique_ptr<LeaseLoop> echo_loop_, call_loop_, prompt_loop_;
  std::unique_ptr<RowWriter> full_writer_, normal_writer_;

  Samples unary_, full_, normal_;
  LeaseTimes echo_;    // the same messages, made up
  LeaseTimes call_;    // leases that charge nothing
  LeaseTimes prompt_;  // leases that charge a window
};

absl::StatusOr<std::unique_ptr<RoundTrips>> RoundTrips::Open(const Daemon& daemon,
                                                             const std::string& echo_socket) {
  auto trips = std::make_unique<RoundTrips>();
  ZB_ASSIGN_OR_RETURN(
      const auto channel,
      broker::Connect({.socket_path = echo_socket, .start_daemon = false, .timeout = kPatience},
                      [] { return false; }));
  trips->stub_ = v1::Broker::NewStub(channel);
  ZB_ASSIGN_OR_RETURN(trips->echo_loop_, LeaseLoop::Open(echo_socket, v1::KIND_CALL));
  ZB_ASSIGN_OR_RETURN(trips->call_loop_, LeaseLoop::Open(daemon.socket(), v1::KIND_CALL));
  ZB_ASSIGN_OR_RETURN(trips->prompt_loop_, LeaseLoop::Open(daemon.socket(), v1::KIND_PROMPT));
  ZB_ASSIGN_OR_RETURN(trips->full_writer_,
                      RowWriter::Open(daemon.state_dir() + "/full.db", "FULL"));
  ZB_ASSIGN_OR_RETURN(trips->normal_writer_,
                      RowWriter::Open(daemon.state_dir() + "/normal.db", "NORMAL"));
  return trips;
}

absl::Status RoundTrips::WarmUp() {
  ZB_RETURN_IF_ERROR(call_loop_->Run(kPairsToFillLog).status());
  ZB_RETURN_IF_ERROR(TakeTurn());
  for (Samples* samples : {&unary_, &full_, &normal_}) samples->Clear();
  echo_ = call_ = prompt_ = {};
  return absl::OkStatus();
}

absl::Status RoundTrips::TakeTurn() {
  ZB_RETURN_IF_ERROR(CallUnary());
  ZB_RETURN_IF_ERROR(Lease(*echo_loop_, echo_));
  ZB_RETURN_IF_ERROR(Commit(*normal_writer_, normal_));
  ZB_RETURN_IF_ERROR(Lease(*call_loop_, call_));
  ZB_RETURN_IF_ERROR(Commit(*full_writer_, full_));
  return Lease(*prompt_loop_, prompt_);
}

absl::Status RoundTrips::CallUnary() {
  for (int i = 0; i < kPerTurn; ++i) {
    grpc::ClientContext context;
    v1::RenewRequest request;
    v1::RenewReply reply;
    const Instant begin = ReadClock();
    const grpc::Status status = stub_->Renew(&context, request, &reply);
    unary_.Add(Between(begin, ReadClock()));
    if (!status.ok()) return FromRpcStatus(status);
  }
  return absl::OkStatus();
}

absl::Status RoundTrips::Commit(RowWriter& writer, Samples& samples) {
  for (int i = 0; i < kPerTurn; ++i) {
    const Instant begin = ReadClock();
    ZB_RETURN_IF_ERROR(writer.Commit());
    samples.Add(Between(begin, ReadClock()));
  }
  return absl::OkStatus();
}

absl::Status RoundTrips::Lease(LeaseLoop& loop, LeaseTimes& times) {
  ZB_ASSIGN_OR_RETURN(const LeaseTimes more, loop.Run(kPerTurn));
  times.Add(more);
  return absl::OkStatus();
}

void RoundTrips::AddTo(Report& report) const {
  report.AddPercentiles({.what = "bare gRPC unary call", .samples = unary_});
  report.AddPercentiles({.what = "bare gRPC stream echo", .samples = echo_.acquire});
  report.AddPercentiles({.what = "bare SQLite commit, NORMAL", .samples = normal_});
  report.AddPercentiles({.what = "bare SQLite commit, FULL", .samples = full_});
  const auto add = [&](std::string what, const Samples& samples, std::string reference_what,
                       const Samples& reference, std::optional<Figure> figure = {}) {
    report.AddPercentiles({.what = std::move(what),
                           .samples = samples,
                           .reference_what = std::move(reference_what),
                           .reference = &reference},
                          std::move(figure));
  };
  add("acquire, no charge", call_.acquire, "stream echo", echo_.acquire);
  add("release, no charge", call_.release, "stream echo", echo_.release);
  const double echo_pair_us = absl::ToDoubleMicroseconds(echo_.pair.Median());
  add("acquire + release, no charge", call_.pair, "2 stream echoes", echo_.pair,
      Figure{.bound = 1.3 * echo_pair_us, .words = "≤ 1.3 × two bare round trips"});
  AddCharged(report);
  add("release after charge", prompt_.release, "stream echo", echo_.release);
}

void RoundTrips::AddCharged(Report& report) const {
  const auto sum_us = [this](int percent, double commits) {
    return absl::ToDoubleMicroseconds(echo_.acquire.Percentile(percent) +
                                      commits * full_.Percentile(percent));
  };
  for (const int percent : {50, 90, 99}) {
    Row row = Distribution{.what = "acquire with charge", .samples = prompt_.acquire}.At(percent);
    row.reference_what = "stream echo + FULL commit";
    row.reference = sum_us(percent, 1);
    if (percent == 50) {
      row.figure = Figure{.bound = sum_us(percent, 1.2), .words = "≤ round trip + 1.2 × commit"};
    }
    report.Add(std::move(row));
  }
}

}  // namespace

absl::Status MeasureRoundTrip(const Settings& settings, Report& report) {
  ZB_ASSIGN_OR_RETURN(const Daemon daemon, Daemon::Start(settings, "trip", ""));
  const std::string echo_socket = settings.Path("trip/echo.sock");
  ZB_ASSIGN_OR_RETURN(const Child echo, StartEcho(settings, echo_socket));
  ZB_ASSIGN_OR_RETURN(const auto trips, RoundTrips::Open(daemon, echo_socket));
  ZB_RETURN_IF_ERROR(trips->WarmUp());
  for (int i = 0; i < settings.rounds * kTurnsPerRound; ++i) {
    ZB_RETURN_IF_ERROR(trips->TakeTurn());
  }
  trips->AddTo(report);
  return absl::OkStatus();
}

}  // namespace zbroker::bench
