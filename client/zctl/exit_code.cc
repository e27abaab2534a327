#include "client/zctl/exit_code.h"

#include "client/base/text.h"

namespace zbroker::zctl {

absl::Status TimeOver(absl::string_view message) { return absl::AbortedError(message); }

bool IsTimeOver(const absl::Status& status) { return absl::IsAborted(status); }

int ExitCodeFor(const absl::Status& status) {
  if (status.ok()) return kExitOk;
  if (absl::IsAborted(status)) return kExitTimeOver;
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ? kExitNoDaemon
                                                                         : kExitRefused;
}

std::string MessageFor(const absl::Status& error) {
  // The transport's own words for this do not say whose deadline it was.
  if (absl::IsDeadlineExceeded(error)) {
    return "the daemon does not answer; it may be stopped or very busy, see its log";
  }
  return EscapeControls(error.message());
}

}  // namespace zbroker::zctl
