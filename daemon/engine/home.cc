#include "daemon/engine/home.h"

#include <unistd.h>

#include <cstdlib>
#include <memory>

#include "absl/strings/str_cat.h"
#include "client/base/container.h"
#include "client/base/paths.h"
#include "client/base/process.h"
#include "client/base/sparse_log.h"
#include "client/base/status.h"
#include "daemon/engine/machine_mark.h"

namespace zbroker::engine {
namespace {

// The path without symbolic links, so that it is the same however the directory was named.
std::string Canonical(const std::string& path) {
  const std::unique_ptr<char, decltype(&free)> real(realpath(path.c_str(), nullptr), &free);
  return real != nullptr ? real.get() : path;
}

}  // namespace

absl::StatusOr<Home> Home::Take(const std::string& path) {
  ZB_RETURN_IF_ERROR(PreparePrivateDirectory(path));
  const FileIdentity identity = FileIdentity::At(path);
  ZB_RETURN_IF_ERROR(MarkForMachine(path, IsInContainer(), ReadBootId()));
  ZB_ASSIGN_OR_RETURN(InstanceLock lock, InstanceLock::Take(absl::StrCat(path, "/zbrokerd.lock")));
  ZB_ASSIGN_OR_RETURN(NameLock name_lock, NameLock::Take(Canonical(path)));
  return Home(path, identity, std::move(lock), std::move(name_lock));
}

absl::Status Home::Check() {
  name_lock_.AnswerThoseWhoAsk();
  if (FileIdentity::At(path_) != identity_) {
    return absl::UnavailableError(
        absl::StrCat("the state directory ", path_,
                     " was removed while the daemon uses it; no new leases until "
                     "it is back, and when the last lease has ended, so does this daemon (pid ",
                     getpid(), ")"));
  }
  if (const absl::Status status = lock_.Renew(); !status.ok()) {
    LogWarningSparsely("the lock file was removed: ", status.message());
  }
  return absl::OkStatus();
}

}  // namespace zbroker::engine
