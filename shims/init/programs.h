// What other programs of ours do for init: the daemon's own loader judges a configuration, and zctl
// reloads it. Run rather than linked: shims know nothing of the daemon's configuration.
#ifndef ZBROKER_SHIMS_INIT_PROGRAMS_H_
#define ZBROKER_SHIMS_INIT_PROGRAMS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace zbroker::init {

// Whether the daemon would take the text as its configuration. Errors: FAILED_PRECONDITION, what is
// wrong with it, as if it were in `path`; UNAVAILABLE when zbrokerd can't be run.
absl::Status CheckConfig(absl::string_view text, const std::string& path);

// Whether a daemon answers on this user's socket.
bool DaemonRuns();

// Has it read its configuration again. Returns what it says, which names the file. Errors:
// FAILED_PRECONDITION with its refusal; UNAVAILABLE when zctl can't be run.
absl::StatusOr<std::string> ReloadDaemon();

}  // namespace zbroker::init

#endif  // ZBROKER_SHIMS_INIT_PROGRAMS_H_
