// Whether an answer says anything. For sources of this folder only.
#ifndef ZBROKER_SHIMS_ZAI_CONTENT_H_
#define ZBROKER_SHIMS_ZAI_CONTENT_H_

#include "absl/strings/string_view.h"
#include "shims/zai/endpoint.h"
#include "shims/zai/json_reader.h"

namespace zbroker::zai {

// Whether a body, or an event of a stream, bears something of the model's: text, reasoning, a
// tool's use.
bool HasContent(Protocol protocol, const json_reader::Element& document);

// Why an answer, or an event of a stream, says that it ends: its `finish_reason` or `stop_reason`;
// empty if it doesn't.
absl::string_view EndReason(const json_reader::Element& document);

// Null, false, zero, an empty text, or made of nothing but such.
bool IsHollow(const json_reader::Element& element);

}  // namespace zbroker::zai

#endif  // ZBROKER_SHIMS_ZAI_CONTENT_H_
