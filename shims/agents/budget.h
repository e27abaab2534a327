// What is left of an account, for an agent.
#ifndef ZBROKER_SHIMS_AGENTS_BUDGET_H_
#define ZBROKER_SHIMS_AGENTS_BUDGET_H_

#include "absl/time/time.h"
#include "zbroker/v1/agent.pb.h"
#include "zbroker/v1/ledger.pb.h"

namespace zbroker::agents {

// The status in words and figures. `zone`: of the times in the words.
v1::Budget MakeBudget(const v1::Status& status, absl::TimeZone zone);

// What is left of a window: nothing where the provider says that it is used up.
double LeftOf(const v1::WindowStatus& window);

}  // namespace zbroker::agents

#endif  // ZBROKER_SHIMS_AGENTS_BUDGET_H_
