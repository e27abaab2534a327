// Who is at the other end of a connection. gRPC has no word for it, so the listener asks the kernel
// before it hands a connection over.
#ifndef ZBROKER_DAEMON_RPC_PEERS_H_
#define ZBROKER_DAEMON_RPC_PEERS_H_

#include <sys/socket.h>

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/base/mutex.h"
#include "daemon/core/lease.h"

namespace zbroker::rpc {

// Thread-safe. Holds one entry per descriptor number, so it is bounded by the descriptor limit.
class Peers {
 public:
  // Call before the connection is handed to gRPC.
  void Add(int fd, const ucred& credentials);

  // `name` is what ServerContext::peer() says: "fd:17". The client's stream is not filled in.
  // Errors: INTERNAL for a name that is not known.
  absl::StatusOr<core::Client> Find(absl::string_view name) const;

 private:
  mutable Mutex mutex_;
  absl::flat_hash_map<int, core::Client> by_fd_ ABSL_GUARDED_BY(mutex_);
  core::ConnectionId last_connection_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace zbroker::rpc

#endif  // ZBROKER_DAEMON_RPC_PEERS_H_
