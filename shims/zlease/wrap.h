// One lease for as long as a command runs.
#ifndef ZBROKER_SHIMS_ZLEASE_WRAP_H_
#define ZBROKER_SHIMS_ZLEASE_WRAP_H_

#include "shims/process/signals.h"
#include "shims/zlease/options.h"

namespace zbroker::zlease {

// Returns the exit status for zlease; dies by the command's signal if that died by one.
int WrapCommand(const Options& options, process::Signals& signals);

}  // namespace zbroker::zlease

#endif  // ZBROKER_SHIMS_ZLEASE_WRAP_H_
