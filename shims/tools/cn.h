// Continue's command line, cn.
#ifndef ZBROKER_SHIMS_TOOLS_CN_H_
#define ZBROKER_SHIMS_TOOLS_CN_H_

#include "shims/tools/tool.h"

namespace zbroker::tools {

extern const Tool kContinue;

}  // namespace zbroker::tools

#endif  // ZBROKER_SHIMS_TOOLS_CN_H_
