#include "shims/gateway/server.h"

#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/address.hpp>
#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/base/log.h"
#include "client/base/status.h"

namespace zbroker::gateway {
namespace {

constexpr std::chrono::milliseconds kAcceptPause{100};
constexpr std::chrono::milliseconds kEndCheck{10};

}  // namespace

Server::Server(Service& service) : service_(service), acceptor_(service.io), changed_(service.io) {}

absl::Status Server::Listen() {
  const Options& options = service_.options;
  if (options.listener >= 0) return Adopt(options.listener);
  const std::string where = absl::StrCat(options.listen_address, ":", options.port);
  error_code error;
  const auto address = asio::ip::make_address(options.listen_address, error);
  if (error || !address.is_loopback()) {
    return absl::InvalidArgumentError(
        absl::StrCat("listen ", where, ": not an address of loopback, such as 127.0.0.1 or ::1"));
  }
  const tcp::endpoint endpoint(address, options.port);
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(4096, error);
  if (!error) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("listen ", where, ": ", error.message(),
                                             "; --listen 127.0.0.1:0 takes any free port"));
}

absl::Status Server::Adopt(int listener) {
  const std::string what = absl::StrCat("the socket that was handed over, descriptor ", listener);
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  int listens = 0;
  socklen_t listens_size = sizeof listens;
  if (getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
      getsockopt(listener, SOL_SOCKET, SO_ACCEPTCONN, &listens, &listens_size) != 0) {
    return ErrnoToStatus(errno, what);
  }
  const bool is_v4 = address.ss_family == AF_INET;
  if ((!is_v4 && address.ss_family != AF_INET6) || listens == 0) {
    return absl::InvalidArgumentError(absl::StrCat(what, ": not a socket of TCP that listens"));
  }
  error_code error;
  acceptor_.assign(is_v4 ? tcp::v4() : tcp::v6(), listener, error);
  if (error) return absl::UnavailableError(absl::StrCat(what, ": ", error.message()));
  const auto local = acceptor_.local_endpoint().address();
  if (local.is_loopback()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(what, ": ", local.to_string(), " is not an address of loopback"));
}

std::string Server::base_url() const {
  const tcp::endpoint end = acceptor_.local_endpoint();
  const bool v6 = end.address().is_v6();
  return absl::StrCat("http://", v6 ? "[" : "", end.address().to_string(), v6 ? "]" : "", ":",
                      end.port(), "/", service_.options.token);
}

void Server::Start() { asio::co_spawn(service_.io, Accept(), asio::detached); }

awaitable<void> Server::Accept() {
  while (acceptor_.is_open()) {
    if (connections_.size() >= kConnectionsMax) {
      co_await changed_.Wait();
      continue;
    }
    auto [error, socket] = co_await acceptor_.async_accept(kAwait);
    if (!error) {
      asio::co_spawn(service_.io, Serve(std::move(socket)), asio::detached);
    } else if (acceptor_.is_open()) {
      // No descriptor to be had, most likely: some will be closed.
      LogWarning("accept: ", error.message());
      co_await changed_.Wait(LoopClock::now() + kAcceptPause);
    }
  }
}

awaitable<void> Server::Serve(tcp::socket socket) {
  Connection connection(service_, std::move(socket));
  connections_.insert(&connection);
  co_await connection.Run();
  connections_.erase(&connection);
  changed_.Notify();
}

void Server::Stop(std::chrono::milliseconds within, std::function<void()> stopped) {
  error_code ignored;
  acceptor_.close(ignored);
  for (Connection* connection : connections_) connection->Stop();
  asio::co_spawn(service_.io, AwaitEnd(within, std::move(stopped)), asio::detached);
}

awaitable<void> Server::AwaitEnd(std::chrono::milliseconds within, std::function<void()> stopped) {
  const LoopTime deadline = LoopClock::now() + within;
  asio::steady_timer timer(service_.io);
  while ((!connections_.empty() || service_.releases.under_way > 0) &&
         LoopClock::now() < deadline) {
    timer.expires_after(kEndCheck);
    co_await timer.async_wait(kAwait);
  }
  stopped();
}

}  // namespace zbroker::gateway
