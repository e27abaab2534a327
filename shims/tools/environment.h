// Programs whose libraries take their base URL from the environment.
#ifndef ZBROKER_SHIMS_TOOLS_ENVIRONMENT_H_
#define ZBROKER_SHIMS_TOOLS_ENVIRONMENT_H_

#include "shims/tools/tool.h"

namespace zbroker::tools {

extern const Tool kAnyProgram;

}  // namespace zbroker::tools

#endif  // ZBROKER_SHIMS_TOOLS_ENVIRONMENT_H_
