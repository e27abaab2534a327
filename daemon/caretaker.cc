#include "daemon/caretaker.h"

#include "absl/strings/str_cat.h"
#include "client/base/gateway_record.h"
#include "client/base/sparse_log.h"
#include "daemon/log_file.h"
#include "daemon/status_text.h"

namespace zbroker {

void Caretaker::Look() {
  home_status_ = home_.Check();
  if (has_service_manager_) watchdog_->LookTaken(clock_.Read().boot);
  engine_.Look(home_status_, [deserted = deserted_, gone = !home_status_.ok(),
                              watchdog = has_service_manager_ ? watchdog_ : nullptr,
                              &engine = engine_](size_t open) {
    *deserted = gone && open == 0;
    if (watchdog != nullptr && watchdog->LookAnswered(engine.ThreadSeen())) {
      NotifyServiceManager("WATCHDOG=1");
    }
  });
  if (has_service_manager_) TellServiceManager();
  if (!home_status_.ok()) return;
  KeepLogShort(absl::StrCat(home_.path(), "/zbrokerd.log"));
  LookAtGateways();
  if (socket_ == nullptr) return;
  auto socket = socket_->ListenAgainIfRemoved();
  if (!socket.ok()) {
    LogErrorSparsely("the socket was removed: ", socket.status().message());
  } else if (socket->has_value()) {
    LogWarning("the socket ", socket_->path(), " was removed; made again");
    server_.ListenOn(*std::move(*socket));
  }
}

// One that is too busy to be asked is asked again a second later.
void Caretaker::TellServiceManager() {
  engine_
      .RequestSnapshot([line = status_line_](const std::shared_ptr<const core::Snapshot>& snapshot,
                                             const Now& now) {
        const std::string text = StatusText(*snapshot, now, absl::LocalTimeZone());
        if (line->Changes(text)) NotifyServiceManager(absl::StrCat("STATUS=", text));
      })
      .IgnoreError();
}

void Caretaker::LookAtGateways() {
  std::vector<core::Note::One> running;
  for (const GatewayRecord& one : RunningGateways(home_.path())) {
    running.push_back({one.address(), absl::StrCat("gateway on ", one.address(), " to ",
                                                   one.upstream, ", pid ", one.pid)});
  }
  if (gateways_ == running) return;
  const core::Note note{core::HappeningKind::kGatewayUp, running};
  if (engine_.Post(core::Command(note)).ok()) gateways_ = std::move(running);
}

}  // namespace zbroker
