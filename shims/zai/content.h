// Whether an answer says anything. For sources of this folder only.
#ifndef ZBROKER_SHIMS_ZAI_CONTENT_H_
#define ZBROKER_SHIMS_ZAI_CONTENT_H_

#include "shims/zai/endpoint.h"
#include "shims/zai/json_reader.h"

namespace zbroker::zai {

// Whether a body, or an event of a stream, bears something of the model's: text, reasoning, a
// tool's use.
bool HasContent(Protocol protocol, const json_reader::Element& document);

// Null, false, zero, an empty text, or made of nothing but such.
bool IsHollow(const json_reader::Element& element);

}  // namespace zbroker::zai

#endif  // ZBROKER_SHIMS_ZAI_CONTENT_H_
