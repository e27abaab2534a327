// Accepts connections on a Unix socket and hands them to a gRPC server.
//
// gRPC's own Unix listener unlinks whatever is at the path and can't tell who connects.
#ifndef ZBROKER_DAEMON_RPC_LISTENER_H_
#define ZBROKER_DAEMON_RPC_LISTENER_H_

#include <thread>

#include "client/base/fd.h"
#include "client/base/mutex.h"
#include "daemon/rpc/peers.h"

namespace grpc {
class Server;
}

namespace zbroker::rpc {

class Listener {
 public:
  // Starts accepting on a listening, non-blocking socket. `server` and `peers` must outlive this.
  Listener(Fd socket, grpc::Server& server, Peers& peers);
  // Stops accepting. The server must still be running: it can't take a connection while it ends.
  ~Listener();

  // Goes on with another listening, non-blocking socket. Thread-safe.
  void Replace(Fd socket);

 private:
  void Wake();
  void Run();
  void AcceptAll();

  Fd socket_;  // of the listener's thread
  Fd wake_;    // an eventfd
  Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  Fd next_socket_ ABSL_GUARDED_BY(mutex_);
  grpc::Server& server_;
  Peers& peers_;
  std::thread thread_;
};

}  // namespace zbroker::rpc

#endif  // ZBROKER_DAEMON_RPC_LISTENER_H_
