// What is said when an agent has ended and none of its requests came through its gateway.
#ifndef ZBROKER_SHIMS_ZLEASE_NOTHING_CAME_H_
#define ZBROKER_SHIMS_ZLEASE_NOTHING_CAME_H_

#include <string>

#include "absl/strings/string_view.h"
#include "shims/process/child.h"

namespace zbroker::zlease {

// Empty for one that could not be run. Of one that failed, as over its own command line, only the
// fact: it has said itself why it asked for nothing. Pure.
std::string NothingCame(absl::string_view name, const process::ChildEnd& end);

}  // namespace zbroker::zlease

#endif  // ZBROKER_SHIMS_ZLEASE_NOTHING_CAME_H_
