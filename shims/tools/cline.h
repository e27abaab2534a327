// Cline.
#ifndef ZBROKER_SHIMS_TOOLS_CLINE_H_
#define ZBROKER_SHIMS_TOOLS_CLINE_H_

#include "shims/tools/tool.h"

namespace zbroker::tools {

extern const Tool kCline;

}  // namespace zbroker::tools

#endif  // ZBROKER_SHIMS_TOOLS_CLINE_H_
