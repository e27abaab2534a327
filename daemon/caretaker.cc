#include "daemon/caretaker.h"

#include "absl/strings/str_cat.h"
#include "client/base/sparse_log.h"
#include "daemon/log_file.h"

namespace zbroker {

void Caretaker::Look() {
  home_status_ = home_.Check();
  engine_.Look(home_status_, [deserted = deserted_, gone = !home_status_.ok()](size_t open) {
    *deserted = gone && open == 0;
  });
  if (!home_status_.ok()) return;
  KeepLogShort(absl::StrCat(home_.path(), "/zbrokerd.log"));
  if (socket_ == nullptr) return;
  auto socket = socket_->ListenAgainIfRemoved();
  if (!socket.ok()) {
    LogErrorSparsely("the socket was removed: ", socket.status().message());
  } else if (socket->has_value()) {
    LogWarning("the socket ", socket_->path(), " was removed; made again");
    server_.ListenOn(*std::move(*socket));
  }
}

}  // namespace zbroker
