// Who is at the other end of a loopback connection.
#ifndef ZBROKER_SHIMS_GATEWAY_PEER_H_
#define ZBROKER_SHIMS_GATEWAY_PEER_H_

#include <sys/types.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "shims/gateway/asio.h"

namespace zbroker::gateway {

// The other end's socket, as the kernel's socket diagnosis (sock_diag(7)) tells it.
struct PeerSocket {
  uint32_t inode = 0;  // 0: no process has it open any more
};

// Empty when sock_diag is not to be had.
std::optional<PeerSocket> FindPeerSocket(const tcp::socket& socket);

// Finds the processes that have sockets open. It reads the descriptors of every process of this
// user, which takes milliseconds; so it looks first at those it found of late. Not thread-safe.
class SocketOwners {
 public:
  static constexpr size_t kRememberedMax = 16;
  static constexpr size_t kKnownMax = 16'384;

  // 0 when there is none to be seen.
  pid_t Find(const PeerSocket& peer);

 private:
  void Remember(pid_t pid);
  // Whether the process has the socket open; notes all that it has, if so.
  bool ReadSockets(pid_t pid, uint32_t wanted);

  std::deque<pid_t> recent_;  // the latest first
  // Sockets, by inode, with a process and its descriptor, as they were when it was looked at.
  absl::flat_hash_map<uint32_t, std::pair<pid_t, int>> known_;
};

// The program at the other end, as far as it can be told.
struct Caller {
  std::string name;     // of its session, see SessionOfProcess; or empty
  std::string program;  // likewise
  pid_t pid = 0;        // 0: not known, or of no use outside of our container
  uint64_t parent = 0;  // the lease that it was started under; 0: none
  std::string project;  // that it works in, see client/base/project.h
};

// Looks for it among the processes of this user.
Caller FindCaller(const tcp::socket& socket, SocketOwners& owners);

}  // namespace zbroker::gateway

#endif  // ZBROKER_SHIMS_GATEWAY_PEER_H_
