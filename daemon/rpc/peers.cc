#include "daemon/rpc/peers.h"

#include <unistd.h>

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/base/process.h"

namespace zbroker::rpc {

void Peers::Add(int fd, const ucred& credentials) {
  core::Client client;
  client.holder.pid = credentials.pid;
  client.holder.uid = credentials.uid;
  client.admin = credentials.uid == 0 || credentials.uid == geteuid();
  if (const auto stat = ReadProcessStat(credentials.pid)) {
    client.holder.start_ticks = stat->start_ticks;
    client.holder.program = stat->name;
  }
  MutexLock lock(mutex_);
  client.connection = ++last_connection_;
  by_fd_[fd] = std::move(client);
}

absl::StatusOr<core::Client> Peers::Find(absl::string_view name) const {
  int fd = -1;
  if (absl::ConsumePrefix(&name, "fd:") && absl::SimpleAtoi(name, &fd)) {
    MutexLock lock(mutex_);
    if (const auto found = by_fd_.find(fd); found != by_fd_.end()) return found->second;
  }
  return absl::InternalError(absl::StrCat("peer ", name, " did not come over our socket"));
}

}  // namespace zbroker::rpc
