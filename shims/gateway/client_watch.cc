#include "shims/gateway/client_watch.h"

#include <sys/socket.h>

#include <cerrno>

#include "shims/gateway/peer.h"

namespace zbroker::gateway {

ClientWatch::ClientWatch(tcp::socket& socket, Wakeup& changed)
    : state_(std::make_shared<State>(socket, changed)) {
  state_->WaitForBytes();
}

ClientWatch::~ClientWatch() {
  error_code ignored;
  state_->socket->cancel(ignored);
  state_->socket = nullptr;
  state_->timer.cancel();
}

void ClientWatch::SetGone() { state_->Gone(); }

void ClientWatch::State::WaitForBytes() {
  socket->async_wait(tcp::socket::wait_read, [self = shared_from_this()](error_code error) {
    if (self->socket == nullptr || error == asio::error::operation_aborted) return;
    if (error) return self->Gone();
    char byte;
    const ssize_t size = recv(self->socket->native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return self->WaitForBytes();
    if (size < 0) return self->Gone();
    // The end, or the next request, sent ahead, which hides the end.
    self->at_end = size == 0;
    self->LookAtPeer();
  });
}

void ClientWatch::State::LookAtPeer() {
  const std::optional<PeerSocket> peer = FindPeerSocket(*socket);
  if (peer.has_value() ? peer->inode == 0 : at_end) return Gone();
  if (!peer.has_value()) return;
  timer.expires_after(kLookAgain);
  timer.async_wait([self = shared_from_this()](error_code error) {
    if (!error && self->socket != nullptr) self->LookAtPeer();
  });
}

void ClientWatch::State::Gone() {
  gone = true;
  changed->Notify();
}

}  // namespace zbroker::gateway
