#ifndef ZBROKER_DAEMON_RPC_EVENTS_SERVICE_H_
#define ZBROKER_DAEMON_RPC_EVENTS_SERVICE_H_

#include <atomic>
#include <functional>
#include <string>
#include <utility>

#include "daemon/engine/engine.h"
#include "daemon/ledger/events.h"
#include "daemon/rpc/peers.h"
#include "zbroker/v1/events.grpc.pb.h"

namespace zbroker::rpc {

// How hooks fare.
using HookStates = std::function<v1::HookList()>;

void FillEvent(const ledger::EventRow& row, v1::Event* out);
// The event as JSON on one line, without its end: what a hook reads.
std::string EventJson(const ledger::EventRow& row);

class EventsService final : public v1::Events::CallbackService {
 public:
  // Watches at once.
  static constexpr int kWatchesMax = 64;

  EventsService(engine::Engine& engine, const Peers& peers, std::string ledger_path,
                HookStates hooks)
      : engine_(engine),
        peers_(peers),
        ledger_path_(std::move(ledger_path)),
        hooks_(std::move(hooks)) {}

  grpc::ServerWriteReactor<v1::EventPage>* Watch(grpc::CallbackServerContext* context,
                                                 const v1::WatchEventsRequest* request) override;
  grpc::ServerUnaryReactor* ListHooks(grpc::CallbackServerContext* context,
                                      const v1::ListHooksRequest* request,
                                      v1::HookList* reply) override;

 private:
  engine::Engine& engine_;
  const Peers& peers_;
  const std::string ledger_path_;
  const HookStates hooks_;
  std::atomic<int> watches_{0};
};

}  // namespace zbroker::rpc

#endif  // ZBROKER_DAEMON_RPC_EVENTS_SERVICE_H_
