#include "daemon/socket_file.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "client/base/paths.h"
#include "client/base/status.h"
#include "client/base/unix_socket.h"

namespace zbroker {
namespace {

absl::Status PrepareDirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos || slash == 0) return absl::OkStatus();
  return PreparePrivateDirectory(path.substr(0, slash));
}

}  // namespace

absl::StatusOr<SocketFile> SocketFile::Reserve(const std::string& path) {
  ZB_RETURN_IF_ERROR(CheckSocketPath(path));
  ZB_RETURN_IF_ERROR(PrepareDirectoryOf(path));
  ZB_ASSIGN_OR_RETURN(auto lock, engine::InstanceLock::Take(absl::StrCat(path, ".lock")));
  return SocketFile(path, std::move(lock));
}

absl::StatusOr<Fd> SocketFile::Listen() {
  ZB_ASSIGN_OR_RETURN(Fd socket, ListenUnix(path_, 0600));
  identity_ = FileIdentity::At(path_);
  return socket;
}

absl::StatusOr<std::optional<Fd>> SocketFile::ListenAgainIfRemoved() {
  if (FileIdentity::At(path_).known()) return std::nullopt;
  ZB_RETURN_IF_ERROR(PrepareDirectoryOf(path_));
  // The lock may have been removed with it.
  ZB_RETURN_IF_ERROR(lock_.Renew());
  ZB_ASSIGN_OR_RETURN(Fd socket, Listen());
  return socket;
}

void SocketFile::Remove() {
  if (identity_.known() && FileIdentity::At(path_) == identity_) RemoveSocket(path_);
}

}  // namespace zbroker
