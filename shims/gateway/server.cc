#include "shims/gateway/server.h"

#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <exception>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/base/log.h"
#include "client/base/sparse_log.h"
#include "client/base/status.h"
#include "shims/gateway/connection.h"

namespace zbroker::gateway {
namespace {

// After an accept that failed, or could not be tried.
constexpr std::chrono::milliseconds kLookAgain{100};
constexpr std::chrono::milliseconds kEndCheck{10};
// For all that is no connection of a request.
constexpr rlim_t kOtherDescriptors = 64;

size_t ConnectionsMax() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return Server::kConnectionsMax;
  const rlim_t spare = std::max(limit.rlim_cur, kOtherDescriptors + 2) - kOtherDescriptors;
  return static_cast<size_t>(std::min<rlim_t>(Server::kConnectionsMax, spare / 2));
}

// What a coroutine throws: out of memory, as all else is a status.
std::string WhatOf(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "not known";
  }
}

}  // namespace

Server::Server(Service& service)
    : service_(service),
      acceptor_(service.io),
      changed_(service.io),
      connections_max_(ConnectionsMax()) {}

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

void Server::Start() { StartAccepting(); }

void Server::StartAccepting() {
  asio::co_spawn(service_.io, Accept(), [this](const std::exception_ptr& thrown) {
    if (thrown == nullptr) return;
    LogErrorSparsely("accepting connections: ", WhatOf(thrown));
    asio::post(service_.io, [this] { StartAccepting(); });
  });
}

awaitable<void> Server::Accept() {
  while (acceptor_.is_open()) {
    if (crowd_.size() >= connections_max_ && crowd_.all_busy()) {
      LogWarningSparsely("all ", connections_max_,
                         " connections have requests under way; further ones wait");
      co_await changed_.Wait(LoopClock::now() + kLookAgain);
      continue;
    }
    auto [error, socket] = co_await acceptor_.async_accept(kAwait);
    if (!error) {
      if (crowd_.size() >= connections_max_) crowd_.MakeRoom(LoopClock::now());
      asio::co_spawn(service_.io, Serve(std::move(socket)), [](const std::exception_ptr& thrown) {
        if (thrown != nullptr) LogErrorSparsely("serving a connection: ", WhatOf(thrown));
      });
    } else if (acceptor_.is_open()) {
      // No descriptor to be had, most likely.
      LogWarningSparsely("accept: ", error.message());
      crowd_.MakeRoom(LoopClock::now());
      co_await changed_.Wait(LoopClock::now() + kLookAgain);
    }
  }
}

awaitable<void> Server::Serve(tcp::socket socket) {
  Connection connection(service_, std::move(socket));
  const NotifyAtEnd gone(changed_);
  Crowd::Member member(crowd_, LoopClock::now(), [&connection] { connection.Stop(); });
  co_await connection.Run(member);
}

void Server::Stop(std::chrono::milliseconds within, std::function<void()> stopped) {
  error_code ignored;
  acceptor_.close(ignored);
  crowd_.EndAll();
  asio::co_spawn(service_.io, AwaitEnd(within, std::move(stopped)), asio::detached);
}

awaitable<void> Server::AwaitEnd(std::chrono::milliseconds within, std::function<void()> stopped) {
  const LoopTime deadline = LoopClock::now() + within;
  asio::steady_timer timer(service_.io);
  while ((crowd_.size() > 0 || service_.releases.under_way > 0) && LoopClock::now() < deadline) {
    timer.expires_after(kEndCheck);
    co_await timer.async_wait(kAwait);
  }
  stopped();
}

}  // namespace zbroker::gateway
