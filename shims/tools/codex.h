// Codex.
#ifndef ZBROKER_SHIMS_TOOLS_CODEX_H_
#define ZBROKER_SHIMS_TOOLS_CODEX_H_

#include "shims/tools/tool.h"

namespace zbroker::tools {

extern const Tool kCodex;

}  // namespace zbroker::tools

#endif  // ZBROKER_SHIMS_TOOLS_CODEX_H_
