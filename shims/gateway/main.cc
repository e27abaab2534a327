// zlease-gateway: relays HTTP requests to the upstream, one lease each. A program of its own,
// because libcurl's libraries would double the time that zlease takes to start.
#include <curl/curl.h>
#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <variant>

#include "client/base/clock.h"
#include "client/base/deadlock_detection.h"
#include "client/base/descriptors.h"
#include "client/base/fd.h"
#include "client/base/log.h"
#include "client/broker/broker_client.h"
#include "shims/gateway/command_line.h"
#include "shims/gateway/curl_loop.h"
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

int Serve(const CommandLine& line) {
  auto broker = broker::BrokerClient::Create(
      {.client_name = line.client_name, .broker_timeout = line.broker_timeout});
  if (!broker.ok()) return Fail(broker.status());
  asio::io_context io(1);
  CurlLoop curl(io);
  Service service{io, curl, **broker, line.options, Clock::System()};
  Server server(service);
  if (const absl::Status listening = server.Listen(); !listening.ok()) return Fail(listening);

  asio::signal_set signals(io, SIGTERM, SIGINT);
  signals.async_wait([&](error_code error, int) {
    if (!error) server.Stop(kStopTime, [&] { io.stop(); });
  });
  server.Start();
  std::cout << server.base_url() << std::endl;
  if (line.quiet) {
    Silence();
  } else {
    LogInfo("relaying to ", line.options.upstream.text());
  }
  io.run();
  std::cout.flush();
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
