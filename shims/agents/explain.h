// The tool `explain`: why something waits, or what a new request would find.
#ifndef ZBROKER_SHIMS_AGENTS_EXPLAIN_H_
#define ZBROKER_SHIMS_AGENTS_EXPLAIN_H_

#include "absl/time/time.h"
#include "zbroker/v1/agent.pb.h"
#include "zbroker/v1/explain.pb.h"

namespace zbroker::agents {

// Of all gates those that are shut, as models read no tables of what is fine. `zone`: of times in
// words.
v1::Why MakeWhy(const v1::Explanation& explanation, absl::TimeZone zone);

}  // namespace zbroker::agents

#endif  // ZBROKER_SHIMS_AGENTS_EXPLAIN_H_
