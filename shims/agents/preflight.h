// Whether there is room for a piece of work.
#ifndef ZBROKER_SHIMS_AGENTS_PREFLIGHT_H_
#define ZBROKER_SHIMS_AGENTS_PREFLIGHT_H_

#include "absl/time/time.h"
#include "shims/agents/experience.h"
#include "zbroker/v1/agent.pb.h"
#include "zbroker/v1/ledger.pb.h"

namespace zbroker::agents {

// The verdict, by these rules, of which the first that applies decides:
//
//   wait      the account, or the model, is blocked for longer than seconds: until that is over
//   too_much  it needs more than a whole window holds; or it can't be done in the time, even with
//             all slots of the account
//   wait      it needs more than is left of a window: until its reset, or, of a rolling one, until
//             some of it is free again, as nobody knows when enough is
//   wait      the queue alone takes longer than there is time, or than 10 min
//   go
//
// A prompt costs a window what the daemon says that it and its calls are charged, at the calls that
// prompts of late have led to. Times are judged by what requests of late took.
// REQUIRES: at least one prompt; the status was asked for with the model.
v1::Preflight Judge(const v1::PreflightRequest& request, const v1::AccountStatus& account,
                    const Experience& experience, absl::Time now, absl::TimeZone zone);

}  // namespace zbroker::agents

#endif  // ZBROKER_SHIMS_AGENTS_PREFLIGHT_H_
