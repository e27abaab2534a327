// Waiting for something to hold of an account.
#ifndef ZBROKER_SHIMS_AGENTS_WAIT_UNTIL_H_
#define ZBROKER_SHIMS_AGENTS_WAIT_UNTIL_H_

#include <string>

#include "absl/time/time.h"
#include "shims/agents/tool.h"

namespace zbroker::agents {

// The tool `wait_until`. It goes on through a restart of the daemon.
Outcome CallWaitUntil(const std::string& arguments, Office& office, absl::TimeZone zone);

}  // namespace zbroker::agents

#endif  // ZBROKER_SHIMS_AGENTS_WAIT_UNTIL_H_
