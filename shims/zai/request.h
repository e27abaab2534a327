// What a request asks for, as far as admission cares.
#ifndef ZBROKER_SHIMS_ZAI_REQUEST_H_
#define ZBROKER_SHIMS_ZAI_REQUEST_H_

#include <cstdint>
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
  std::string parent_session;  // that has started it, likewise
  // The body is compressed, and far larger than any tool's: not to be relayed.
  bool oversized = false;
  // The id of a JSON-RPC request as JSON, for the answer to carry; "null" if there is none.
  std::string rpc_id = "null";
};

// Never fails. A body that is not a JSON object of the protocol is the upstream's to refuse: it
// needs a slot, and is a call (an MCP call on an MCP endpoint) of an unknown model. What is skipped
// in a body is not validated. A compressed body is decoded to be looked at; one that can't be is
// like one that is not JSON.
//
// Reads from the headers who is asking (`x-claude-code-session-id`, `x-session-id`, `session-id`
// …), what for (`x-codex-turn-metadata`, `x-title`), and `content-encoding`. Makes one copy of the
// body, and only if it has to be looked at. Stack use does not depend on nesting.
Inspection InspectRequest(const Endpoint& endpoint, HeaderLookup headers, absl::string_view body);

// The body as it reads: itself, or `decoded`. Empty if it can't be decoded.
absl::string_view PlainBody(HeaderLookup headers, absl::string_view body, std::string* decoded);

// The same for a request that asks for the same, whether or not as a stream and however long the
// answer may be; zero if it can't be read, or asks for no model. Within this process only.
uint64_t FingerprintRequest(const Endpoint& endpoint, HeaderLookup headers, absl::string_view body);

}  // namespace zbroker::zai

#endif  // ZBROKER_SHIMS_ZAI_REQUEST_H_
