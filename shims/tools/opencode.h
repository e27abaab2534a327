// OpenCode.
#ifndef ZBROKER_SHIMS_TOOLS_OPENCODE_H_
#define ZBROKER_SHIMS_TOOLS_OPENCODE_H_

#include "shims/tools/open_code_config.h"
#include "shims/tools/tool.h"

namespace zbroker::tools {

extern const Tool kOpenCode;

const OpenCodeNames& NamesOfOpenCode();

}  // namespace zbroker::tools

#endif  // ZBROKER_SHIMS_TOOLS_OPENCODE_H_
