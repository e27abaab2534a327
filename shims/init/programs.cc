#include "shims/init/programs.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/base/fd.h"
#include "client/base/paths.h"
#include "client/base/run_to_end.h"
#include "client/base/status.h"
#include "client/base/unix_socket.h"

namespace zbroker::init {

absl::Status CheckConfig(absl::string_view text, const std::string& path) {
  // Not closed at exec: the daemon opens it by its number.
  const Fd draft(memfd_create("config.toml", 0));
  if (!draft.valid()) return ErrnoToStatus(errno, "can't make a file in memory");
  const ssize_t size = write(draft.get(), text.data(), text.size());
  if (size != static_cast<ssize_t>(text.size())) return ErrnoToStatus(errno, "a file in memory");
  const std::string name = absl::StrCat("/proc/self/fd/", draft.get());
  ZB_ASSIGN_OR_RETURN(const ProgramEnd end, RunToEnd({"zbrokerd", "--check-config", name}));
  if (end.exit_status == 0) return absl::OkStatus();
  if (end.exit_status != 1) {
    return absl::UnavailableError(
        absl::StrCat("zbrokerd could not check the configuration: ", end.output));
  }
  return absl::FailedPreconditionError(absl::StrReplaceAll(end.output, {{name, path}}));
}

bool DaemonRuns() {
  const auto socket = SocketPath();
  return socket.ok() && ConnectUnix(*socket).ok();
}

absl::StatusOr<std::string> ReloadDaemon() {
  ZB_ASSIGN_OR_RETURN(const ProgramEnd end, RunToEnd({"zctl", "reload"}));
  if (end.exit_status == 0) return end.output;
  return absl::FailedPreconditionError(end.output);
}

}  // namespace zbroker::init
