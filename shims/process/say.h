// What zlease tells a person beside the command that it wraps.
#ifndef ZBROKER_SHIMS_PROCESS_SAY_H_
#define ZBROKER_SHIMS_PROCESS_SAY_H_

#include "absl/strings/string_view.h"

namespace zbroker::process {

// One line on standard error, with "zlease: " before it.
void Say(absl::string_view text);

}  // namespace zbroker::process

#endif  // ZBROKER_SHIMS_PROCESS_SAY_H_
