// Connections that we have closed in the middle of an answer, until the other end closes them, too.
//
// A server that sees its client's end gives up what it was doing and closes. That it has closed is
// the only sign there is that it is at work no more. What it still sends stays unread: a server
// that does not look is held up, and is cut off when its time is over.
#ifndef ZBROKER_SHIMS_GATEWAY_FAREWELLS_H_
#define ZBROKER_SHIMS_GATEWAY_FAREWELLS_H_

#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>
#include <set>

#include "shims/gateway/asio.h"

namespace zbroker::gateway {

// Not thread-safe.
class Farewells {
 public:
  using Closed = std::function<void()>;
  // How long one is waited for.
  static constexpr std::chrono::seconds kLongest{2};

  explicit Farewells(asio::io_context& io) : io_(io) {}
  // Cuts off those that are left.
  ~Farewells();
  Farewells(const Farewells&) = delete;
  Farewells& operator=(const Farewells&) = delete;

  // Closes a connected socket, which is this object's from now on. `closed` is called when the
  // other end has closed it within kLongest, never from within.
  void Begin(int socket, Closed closed);

 private:
  // More are not waited for.
  static constexpr size_t kMost = 64;

  struct Farewell {
    explicit Farewell(asio::io_context& io) : socket(io), timer(io) {}
    asio::posix::stream_descriptor socket;
    asio::steady_timer timer;
    Closed closed;
  };

  void End(const std::shared_ptr<Farewell>& farewell);

  asio::io_context& io_;
  std::set<std::shared_ptr<Farewell>> farewells_;
};

}  // namespace zbroker::gateway

#endif  // ZBROKER_SHIMS_GATEWAY_FAREWELLS_H_
