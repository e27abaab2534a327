// Kilo.
#ifndef ZBROKER_SHIMS_TOOLS_KILO_H_
#define ZBROKER_SHIMS_TOOLS_KILO_H_

#include "shims/tools/open_code_config.h"
#include "shims/tools/tool.h"

namespace zbroker::tools {

extern const Tool kKilo;

const OpenCodeNames& NamesOfKilo();

}  // namespace zbroker::tools

#endif  // ZBROKER_SHIMS_TOOLS_KILO_H_
