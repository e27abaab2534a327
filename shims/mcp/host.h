// A server that runs between its client and us: the loop that carries out what the Relay decides.
//
//   the server ends      what it has said goes out, and so do we, by its exit status or signal;
//   what
//                        somebody else still says by its output is awaited for kTailMax
//   its output ends      ours ends
//   its input breaks     ours does, as the client's writing would have failed
//   the client ends its  the server's input ends too, once no call is kept
//     input
//   the client is gone   (nobody reads our output) the server's input ends, what it says is read
//   and
//                        dropped, so that leases end with their answers; it gets SIGTERM after
//                        kPolite, and SIGKILL after that time once more
//   signals              go on to the server, but for those that the terminal has sent it too. Once
//                        it has ended they end us
//   we are killed        the kernel sends the server SIGTERM, and its input ends; the daemon knows
//
// Neither side is read while the other one has more than kMcpUnsentBytesMax to take, so each feels
// the other's slowness as if it were alone with it. The server never waits for the broker: it is
// there before.
#ifndef ZBROKER_SHIMS_MCP_HOST_H_
#define ZBROKER_SHIMS_MCP_HOST_H_

#include <boost/asio/posix/stream_descriptor.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "client/broker/broker_client.h"
#include "shims/lease/admission.h"
#include "shims/lease/held_lease.h"
#include "shims/lease/wakeup.h"
#include "shims/mcp/descriptors.h"
#include "shims/mcp/options.h"
#include "shims/mcp/outbox.h"
#include "shims/mcp/plan.h"
#include "shims/mcp/relay.h"
#include "shims/process/child.h"
#include "shims/process/signals.h"
#include "shims/process/spawn.h"

namespace zbroker::mcp {

// Not thread-safe.
class Host {
 public:
  static constexpr std::chrono::seconds kTailMax{1};
  static constexpr std::chrono::seconds kPolite{5};

  // The client's side: where it is read, and where it is written to.
  struct Client {
    Fd input, output;
  };
  Host(const Options& options, const Plan& plan, const process::Spawned& server, Client client,
       ServerPipes pipes, process::Signals& signals);

  // Returns when the server has ended and all is said. The process should end then without more
  // ado: the connection to the daemon still stands.
  process::ChildEnd Run();

 private:
  using Descriptor = lease::asio::posix::stream_descriptor;

  // A call that waits for a lease or has it.
  struct LiveCall {
    LiveCall(lease::asio::io_context& io, lease::Releases& releases)
        : changed(io), lease(releases) {}
    lease::Wakeup changed;
    bool withdrawn = false;
    lease::HeldLease lease;
  };

  void Start(awaitable<void> coroutine);
  awaitable<void> ReadClient();
  awaitable<void> ReadServer();
  awaitable<void> Tick();
  awaitable<void> WatchClient();
  awaitable<void> WatchSignals();
  awaitable<void> WatchServer();
  awaitable<void> EndServer();
  awaitable<void> Finish();
  awaitable<void> Admit(Ask ask, std::shared_ptr<LiveCall> call);

  void Do(Actions actions);
  void Do(ToServer action) { to_server_.Push(std::move(action.bytes)); }
  void Do(ToClient action) { to_client_.Push(std::move(action.bytes), action.own); }
  void Do(EndServerInput) { to_server_.End(); }
  void Do(Ask action);
  void Do(Withdraw action);
  void Do(Release action);
  void Refuse(CallId call, const absl::Status& why);
  v1::Acquire AcquireFor(const Ask& ask) const;
  void OutputChanged();
  void InputChanged();
  void GiveUpClient();
  bool may_read_client() const;
  bool may_read_server() const;

  const Options& options_;
  const Plan& plan_;
  const process::Spawned& server_;
  process::Signals& signals_;

  lease::asio::io_context io_{1};
  lease::Releases releases_{io_};
  absl::StatusOr<std::unique_ptr<broker::BrokerClient>> broker_;
  Relay relay_;
  std::map<CallId, std::shared_ptr<LiveCall>> calls_;
  Descriptor from_client_;
  Descriptor from_server_;
  Outbox to_server_;
  Outbox to_client_;
  lease::Wakeup client_changed_{io_};  // whether it may be read
  lease::Wakeup server_changed_{io_};
  lease::Wakeup due_changed_{io_};
  lease::Wakeup end_changed_{io_};
  bool client_gone_ = false;
  bool server_ended_ = false;     // the process
  bool server_said_all_ = false;  // its output has ended
  bool hurry_ = false;            // a signal wants us to end
};

}  // namespace zbroker::mcp

#endif  // ZBROKER_SHIMS_MCP_HOST_H_
