// What a daemon has to see to once a second, because nobody tells it: whether its files are still
// there, how long its log has become, and which gateways run; and what it tells a service
// manager.
#ifndef ZBROKER_DAEMON_CARETAKER_H_
#define ZBROKER_DAEMON_CARETAKER_H_

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/engine/engine.h"
#include "daemon/engine/home.h"
#include "daemon/rpc/server.h"
#include "daemon/service_manager.h"
#include "daemon/socket_file.h"

namespace zbroker {

// For one thread.
class Caretaker {
 public:
  static constexpr absl::Duration kInterval = absl::Seconds(1);

  // All must outlive this. `socket` is null when a service manager holds it.
  Caretaker(engine::Home& home, SocketFile* socket, engine::Engine& engine, rpc::Server& server,
            const Clock& clock)
      : home_(home), socket_(socket), engine_(engine), server_(server), clock_(clock) {}

  // To be called once in kInterval.
  void Look();

  // Why the daemon has to make room for another one; OK as long as it has not: the state directory
  // is gone, and no lease from it is open any more.
  absl::Status MayStay() const { return *deserted_ ? home_status_ : absl::OkStatus(); }

 private:
  void TellServiceManager();
  // Tells of gateways that have come and gone.
  void LookAtGateways();

  engine::Home& home_;
  SocketFile* const socket_;
  engine::Engine& engine_;
  rpc::Server& server_;
  const Clock& clock_;
  absl::Status home_status_;
  // The gateways that ran at the last look; empty: there was none yet.
  std::optional<std::vector<core::Note::One>> gateways_;
  // Shared with looks that the engine has not answered yet.
  const std::shared_ptr<std::atomic<bool>> deserted_ = std::make_shared<std::atomic<bool>>(false);
  const bool has_service_manager_ = HasServiceManager();
  const std::shared_ptr<Watchdog> watchdog_ = std::make_shared<Watchdog>();
  const std::shared_ptr<StatusLine> status_line_ = std::make_shared<StatusLine>();
};

}  // namespace zbroker

#endif  // ZBROKER_DAEMON_CARETAKER_H_
