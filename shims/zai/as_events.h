// A whole answer, as the stream that its client was promised before anybody knew what would come.
#ifndef ZBROKER_SHIMS_ZAI_AS_EVENTS_H_
#define ZBROKER_SHIMS_ZAI_AS_EVENTS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "shims/zai/endpoint.h"

namespace zbroker::zai {

// The events that say what `json_body`, a completion, says, with the protocol's own end. Empty if
// it is none, or the protocol is not one of those that stream completions.
std::string EventsOf(Protocol protocol, absl::string_view json_body);

}  // namespace zbroker::zai

#endif  // ZBROKER_SHIMS_ZAI_AS_EVENTS_H_
