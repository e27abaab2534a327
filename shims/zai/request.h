// What a request asks for, as far as admission cares.
#ifndef ZBROKER_SHIMS_ZAI_REQUEST_H_
#define ZBROKER_SHIMS_ZAI_REQUEST_H_

#include <string>

#include "absl/strings/string_view.h"
#include "shims/zai/endpoint.h"
#include "shims/zai/headers.h"

namespace zbroker::zai {

// kPrompt: a model request that a person's query started; kCall: any other. kMcp: a tool call.
enum class Kind { kPrompt, kCall, kMcp };

struct Inspection {
  bool needs_slot = false;
  Kind kind = Kind::kCall;
  std::string model;  // printable UTF-8 of at most 256 bytes; empty: not known
  bool stream = false;
  // A program's own request that nobody waits for, such as a title. Always a call.
  bool background = false;
  // Whom the request is for, as the client names it; printable UTF-8 of at most 256 bytes, empty if
  // it doesn't.
  std::string session;
  // The id of a JSON-RPC request as JSON, for the answer to carry; "null" if there is none.
  std::string rpc_id = "null";
};

// Never fails. A body that is not a JSON object of the protocol is the upstream's to refuse: it
// needs a slot, and is a call (an MCP call on an MCP endpoint) of an unknown model. What is skipped
// in a body is not validated.
//
// Reads `x-claude-code-session-id`, `x-session-id`, `x-session-affinity` from the headers. Makes
// one copy of the body, and only if it has to be looked at. Stack use does not depend on nesting.
Inspection InspectRequest(const Endpoint& endpoint, HeaderLookup headers, absl::string_view body);

}  // namespace zbroker::zai

#endif  // ZBROKER_SHIMS_ZAI_REQUEST_H_
