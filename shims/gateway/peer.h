// Who is at the other end of a loopback connection.
#ifndef ZBROKER_SHIMS_GATEWAY_PEER_H_
#define ZBROKER_SHIMS_GATEWAY_PEER_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>

#include "shims/gateway/asio.h"

namespace zbroker::gateway {

// The other end's socket, as the kernel's socket diagnosis (sock_diag(7)) tells it.
struct PeerSocket {
  uint32_t inode = 0;  // 0: no process has it open any more
};

// Empty when the kernel can't tell: the peer's socket is gone, or sock_diag is not to be had.
std::optional<PeerSocket> FindPeerSocket(const tcp::socket& socket);

// The process of ours that has the socket open; 0 when there is none to be seen. Reads the
// descriptors of every process of this user: some milliseconds.
pid_t FindOwner(const PeerSocket& peer);

}  // namespace zbroker::gateway

#endif  // ZBROKER_SHIMS_GATEWAY_PEER_H_
