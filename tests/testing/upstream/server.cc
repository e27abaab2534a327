#include "tests/testing/upstream/server.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "client/base/clock.h"
#include "client/base/log.h"
#include "client/base/status.h"
#include "tests/testing/upstream/answer_writer.h"
#include "tests/testing/upstream/connection.h"

namespace zbroker::testing {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::milliseconds kAcceptRetry(10);

asio::awaitable<void> RunConnection(tcp::socket socket, Backend& backend, size_t& connections) {
  ++connections;
  const absl::Cleanup leave = [&connections] { --connections; };
  Connection connection(std::move(socket), backend);
  co_await connection.Run();
}

asio::awaitable<void> AcceptAll(tcp::acceptor& acceptor, Backend& backend, size_t& connections) {
  for (;;) {
    auto [error, socket] = co_await acceptor.async_accept(kAwait);
    if (error) {
      // Mostly: out of file descriptors, until some connection ends.
      LogWarning("accept: ", error.message());
      asio::steady_timer timer(acceptor.get_executor(), kAcceptRetry);
      co_await timer.async_wait(kAwait);
      continue;
    }
    if (connections >= kConnectionsMax) continue;
    asio::co_spawn(acceptor.get_executor(), RunConnection(std::move(socket), backend, connections),
                   asio::detached);
  }
}

absl::Status Listen(tcp::acceptor& acceptor, uint16_t port) {
  const tcp::endpoint endpoint(asio::ip::address_v4::loopback(), port);
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(kConnectionsMax, error);
  if (!error) return absl::OkStatus();
  return ErrnoToStatus(error.value(), absl::StrCat("can't listen on 127.0.0.1:", port));
}

}  // namespace

absl::Status RunServer(uint16_t port, Settings settings,
                       absl::FunctionRef<void(uint16_t)> on_listening) {
  // Before the context, whose destruction ends the connections that use them.
  Backend backend{Clock::System(), ServiceModel(std::move(settings)), RequestLog()};
  size_t connections = 0;
  asio::io_context context(1);
  tcp::acceptor acceptor(context);
  ZB_RETURN_IF_ERROR(Listen(acceptor, port));
  asio::signal_set signals(context, SIGTERM, SIGINT);
  signals.async_wait([&context](error_code, int) { context.stop(); });
  asio::co_spawn(context, AcceptAll(acceptor, backend, connections), asio::detached);
  error_code ignored;
  on_listening(acceptor.local_endpoint(ignored).port());
  context.run();
  return absl::OkStatus();
}

}  // namespace zbroker::testing
