// Claude Code.
#ifndef ZBROKER_SHIMS_TOOLS_CLAUDE_H_
#define ZBROKER_SHIMS_TOOLS_CLAUDE_H_

#include "shims/tools/tool.h"

namespace zbroker::tools {

extern const Tool kClaude;

}  // namespace zbroker::tools

#endif  // ZBROKER_SHIMS_TOOLS_CLAUDE_H_
