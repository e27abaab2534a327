// The daemon's gRPC server: the services, health checking and reflection on one Unix socket.
#ifndef ZBROKER_DAEMON_RPC_SERVER_H_
#define ZBROKER_DAEMON_RPC_SERVER_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "client/base/clock.h"
#include "client/base/fd.h"
#include "daemon/engine/engine.h"
#include "daemon/rpc/admin_service.h"
#include "daemon/rpc/broker_service.h"
#include "daemon/rpc/events_service.h"
#include "daemon/rpc/explain_service.h"
#include "daemon/rpc/ledger_service.h"
#include "daemon/rpc/listener.h"
#include "daemon/rpc/peers.h"

namespace zbroker::rpc {

class Server {
 public:
  struct Options {
    Fd socket;  // listening, non-blocking
    std::string ledger_path;
    ReloadFunction reload;
    CheckReloadFunction check_reload;
    HookStates hooks;
  };

  // Serves at once. `engine`, `facts` and `clock` must outlive it. Errors: INTERNAL when gRPC does
  // not start.
  static absl::StatusOr<std::unique_ptr<Server>> Start(Options options, engine::Engine& engine,
                                                       const DaemonFacts& facts,
                                                       const Clock& clock);

  // Accepts connections on another socket, listening and non-blocking, from now on. REQUIRES: it
  // still accepts.
  void ListenOn(Fd socket) { listener_->Replace(std::move(socket)); }

  // Accepts no more connections. Idempotent.
  void StopAccepting() { listener_.reset(); }

  // Ends what is left of the calls, and returns when all are done.
  ~Server();

 private:
  Server(Options& options, engine::Engine& engine, const DaemonFacts& facts, const Clock& clock);

  Peers peers_;
  BrokerService broker_;
  LedgerService ledger_;
  AdminService admin_;
  ExplainService explain_;
  EventsService events_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Listener> listener_;
};

}  // namespace zbroker::rpc

#endif  // ZBROKER_DAEMON_RPC_SERVER_H_
