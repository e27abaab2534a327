#include "shims/gateway/farewells.h"

#include <sys/socket.h>
#include <unistd.h>

#include <utility>

namespace zbroker::gateway {

Farewells::~Farewells() {
  for (const auto& farewell : std::exchange(farewells_, {})) End(farewell);
}

void Farewells::Begin(int socket, Closed closed) {
  const auto farewell = std::make_shared<Farewell>(io_);
  error_code error;
  farewell->socket.assign(socket, error);
  if (error || farewells_.size() >= kMost || shutdown(socket, SHUT_WR) != 0) {
    farewell->socket.release();
    close(socket);
    return;
  }
  farewell->closed = std::move(closed);
  farewells_.insert(farewell);
  // Both ends being closed counts as an error of the descriptor, whatever is still unread.
  farewell->socket.async_wait(asio::posix::stream_descriptor::wait_error,
                              [this, farewell](error_code failed) {
                                if (failed) return;
                                const Closed told = std::exchange(farewell->closed, nullptr);
                                End(farewell);
                                if (told) told();
                              });
  farewell->timer.expires_after(kLongest);
  farewell->timer.async_wait([this, farewell](error_code failed) {
    if (!failed) End(farewell);
  });
}

void Farewells::End(const std::shared_ptr<Farewell>& farewell) {
  farewell->closed = nullptr;
  farewell->timer.cancel();
  error_code error;
  farewell->socket.close(error);
  farewells_.erase(farewell);
}

}  // namespace zbroker::gateway
