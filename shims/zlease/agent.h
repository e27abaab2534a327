// A known agent, or another program on request: one lease for each of its requests.
#ifndef ZBROKER_SHIMS_ZLEASE_AGENT_H_
#define ZBROKER_SHIMS_ZLEASE_AGENT_H_

#include "shims/process/signals.h"
#include "shims/zlease/options.h"

namespace zbroker::zlease {

// Runs the command behind a gateway of its own, which ends with it; one that can't be pointed at a
// gateway runs under one lease. Returns the exit status for zlease; dies by the command's signal if
// that died by one.
int RunAgent(const Options& options, process::Signals& signals);

// Becomes the command, for a run of a known agent that calls no model. Returns an exit status if
// that fails.
int ExecPlainly(const Options& options);

}  // namespace zbroker::zlease

#endif  // ZBROKER_SHIMS_ZLEASE_AGENT_H_
