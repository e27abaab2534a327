// zlease-gateway: relays HTTP requests to the upstream, one lease each. A program of its own,
// because libcurl's libraries would double the time that zlease takes to start.
#include <curl/curl.h>
#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/base/clock.h"
#include "client/base/deadlock_detection.h"
#include "client/base/descriptors.h"
#include "client/base/duration.h"
#include "client/base/fd.h"
#include "client/base/gateway_record.h"
#include "client/base/log.h"
#include "client/base/paths.h"
#include "client/broker/broker_client.h"
#include "shims/gateway/command_line.h"
#include "shims/gateway/curl_loop.h"
#include "shims/gateway/meter_watch.h"
#include "shims/gateway/server.h"
#include "shims/gateway/service.h"

namespace zbroker::gateway {
namespace {

constexpr std::chrono::milliseconds kStopTime{2000};

int Fail(const absl::Status& status) {
  std::cerr << "zlease gateway: " << status.message() << "\n";
  return kExitFailure;
}

// Standard error may be a terminal that a program has drawn on.
void Silence() {
  const Fd null(open("/dev/null", O_WRONLY | O_CLOEXEC));
  if (null.valid()) dup2(null.get(), STDERR_FILENO);
}

// The same error, or, when a gateway of this user is what has the address, its URL.
absl::Status OrRunsAlready(const absl::Status& error, const CommandLine& line) {
  const std::string& host = line.options.listen_address;
  const std::string address = absl::StrCat(host == "::1" ? "[::1]" : host, ":", line.options.port);
  for (const GatewayRecord& one : RunningGateways(StateDirectory().value_or(""))) {
    if (one.address() != address) continue;
    return absl::AlreadyExistsError(absl::StrCat(
        "one runs there already, pid ", one.pid, ", for ", one.upstream, ": ", one.url,
        "\n`zlease gateway --url` prints that; --listen 127.0.0.1:0 starts another one"));
  }
  return error;
}

// So that others find it, if it is to be found: one with a token of its own is somebody's alone.
std::optional<GatewayAnnouncement> Announce(const CommandLine& line, const GatewayRecord& record) {
  if (line.ephemeral) return std::nullopt;
  const absl::StatusOr<std::string> directory = StateDirectory();
  if (!directory.ok()) return std::nullopt;
  auto made = GatewayAnnouncement::Make(*directory, record);
  if (made.ok()) return *std::move(made);
  // It serves all the same.
  LogWarning("`zlease gateway --url` won't find this gateway: ", made.status().message());
  return std::nullopt;
}

int Serve(const CommandLine& line) {
  auto broker = broker::BrokerClient::Create(
      {.client_name = line.client_name, .broker_timeout = line.broker_timeout});
  if (!broker.ok()) return Fail(broker.status());
  asio::io_context io(1);
  CurlLoop curl(io);
  Service service{io, curl, **broker, line.options, Clock::System()};
  std::optional<MeterWatch> meter;
  if (line.meter) {
    meter::LeaveNoCore();
    service.meter = &meter.emplace(*line.meter);
  }
  Server server(service);
  if (const absl::Status listening = server.Listen(); !listening.ok()) {
    return Fail(OrRunsAlready(listening, line));
  }

  asio::signal_set signals(io, SIGTERM, SIGINT);
  signals.async_wait([&](error_code error, int) {
    if (!error) server.Stop(kStopTime, [&] { io.stop(); });
  });
  server.Start();
  GatewayRecord record{.url = server.base_url(),
                       .upstream = line.options.upstream.text(),
                       .account = line.options.lease.account(),
                       .version = ZBROKER_VERSION,
                       .pid = getpid(),
                       .started = absl::Now()};
  std::optional<GatewayAnnouncement> announcement = Announce(line, record);
  service.clock_check = ClockCheck([&](absl::Duration off) {
    record.clock_off = off;
    if (off != absl::ZeroDuration()) {
      LogWarning("the upstream's clock is ", zbroker::FormatDuration(absl::AbsDuration(off)),
                 off > absl::ZeroDuration() ? " ahead of" : " behind",
                 " ours: resets that it names are off by as much");
    }
    // Where it can't be told to others, the log has it.
    if (announcement) announcement->Update(record).IgnoreError();
  });
  std::cout << server.base_url() << std::endl;
  if (line.quiet) {
    Silence();
  } else {
    LogInfo("relaying to ", line.options.upstream.text());
  }
  io.run();
  std::cout.flush();
  announcement.reset();
  // What the daemon has to know it knows; winding gRPC down takes longer than all the rest.
  _exit(0);
}

int Main(int argc, char** argv) {
  const auto parsed = ParseCommandLine(argc, argv);
  if (const int* status = std::get_if<int>(&parsed)) return *status;
  signal(SIGPIPE, SIG_IGN);
  SwitchOffDeadlockDetection();
  RaiseDescriptorLimit();
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    return Fail(absl::InternalError("libcurl can't be used"));
  }
  return Serve(std::get<CommandLine>(parsed));
}

}  // namespace
}  // namespace zbroker::gateway

int main(int argc, char** argv) { return zbroker::gateway::Main(argc, argv); }
