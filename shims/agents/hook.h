// What `zctl hook claude` decides: whether an agent may start a sub-agent now.
#ifndef ZBROKER_SHIMS_AGENTS_HOOK_H_
#define ZBROKER_SHIMS_AGENTS_HOOK_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "zbroker/v1/ledger.pb.h"

namespace zbroker::agents {

// Whether what Claude Code tells a hook on its standard input is that it is about to start a
// sub-agent. By https://code.claude.com/docs/en/hooks, as of PreToolUse; the tool was called Task
// before it was called Agent.
bool StartsSubAgent(absl::string_view input);

// Why an agent should start none now, for a model to read; empty: nothing speaks against it. So
// does what stands in the way of all requests until somebody acts or for longer than seconds, a
// window that is used up, and a queue in which a new request would wait for longer than
// `queue_max`.
std::string WhyNotNow(const v1::Status& status, const std::string& account,
                      absl::Duration queue_max, absl::TimeZone zone);

// What the hook prints so that the call is not made, a line without its end.
std::string DenialOf(const std::string& why);

}  // namespace zbroker::agents

#endif  // ZBROKER_SHIMS_AGENTS_HOOK_H_
