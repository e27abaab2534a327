// What was served, in a parsed document. For sources of this folder only.
#ifndef ZBROKER_SHIMS_ZAI_USAGE_FIGURES_H_
#define ZBROKER_SHIMS_ZAI_USAGE_FIGURES_H_

#include "shims/zai/json_reader.h"
#include "shims/zai/usage.h"

namespace zbroker::zai {

// Adds what `document`, a body or an event, says of itself or in its `message` or `response`.
// Figures are totals, so a later one replaces an earlier one, unless it is zero: streams begin or
// end with empty figures. The first model counts.
void MergeServed(const json_reader::Element& document, Served* served);

}  // namespace zbroker::zai

#endif  // ZBROKER_SHIMS_ZAI_USAGE_FIGURES_H_
