#include "daemon/rpc/listener.h"

#include <grpcpp/server.h>
#include <grpcpp/server_posix.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <utility>

#include "client/base/sparse_log.h"
#include "client/base/status.h"
#include "client/base/unix_socket.h"

namespace zbroker::rpc {
namespace {

// How long to leave the backlog alone when there are no descriptors left.
constexpr int kExhaustedPauseMs = 100;

bool IsExhausted(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

Listener::Listener(Fd socket, grpc::Server& server, Peers& peers)
    : socket_(std::move(socket)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      server_(server),
      peers_(peers),
      thread_([this] { Run(); }) {}

Listener::~Listener() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  Wake();
  thread_.join();
}

void Listener::Replace(Fd socket) {
  {
    MutexLock lock(mutex_);
    next_socket_ = std::move(socket);
  }
  Wake();
}

void Listener::Wake() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t size = write(wake_.get(), &one, sizeof one);
}

void Listener::Run() {
  for (;;) {
    pollfd waits[2] = {{wake_.get(), POLLIN, 0}, {socket_.get(), POLLIN, 0}};
    if (poll(waits, 2, -1) < 0 && errno != EINTR) return;
    if (waits[1].revents != 0) AcceptAll();
    uint64_t count = 0;
    if (read(wake_.get(), &count, sizeof count) < 0) continue;
    MutexLock lock(mutex_);
    if (stopping_) return;
    if (next_socket_.valid()) socket_ = std::move(next_socket_);
  }
}

void Listener::AcceptAll() {
  for (;;) {
    Fd connection(accept4(socket_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!connection.valid()) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      if (IsExhausted(errno)) {
        LogWarningSparsely(ErrnoToStatus(errno, "can't accept a connection").message());
        pollfd woken{wake_.get(), POLLIN, 0};
        poll(&woken, 1, kExhaustedPauseMs);
      }
      return;
    }
    const auto credentials = PeerCredentials(connection.get());
    if (!credentials.ok()) {
      LogWarningSparsely(credentials.status().message());
      continue;
    }
    peers_.Add(connection.get(), *credentials);
    grpc::AddInsecureChannelFromFd(&server_, connection.Release());
  }
}

}  // namespace zbroker::rpc
