// Errors that are answered here instead of upstream, in the form that the client's protocol has.
#ifndef ZBROKER_SHIMS_ZAI_REPLY_H_
#define ZBROKER_SHIMS_ZAI_REPLY_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "shims/zai/endpoint.h"

namespace zbroker::zai {

struct ErrorReply {
  int http_status = 500;         // that the answer has, or would have had before it was committed
  absl::string_view code;        // business code, or one of our own; empty: none
  absl::string_view message;     // any bytes; what is not UTF-8 is replaced
  absl::string_view request_id;  // empty: none
  absl::string_view rpc_id = "null";  // MCP: Inspection::rpc_id, which is JSON
  // A window is used up, so that no retry helps. Codex shows its user the message and the reset of
  // such an error only, and only if it says so in Codex' words.
  bool used_up = false;
  std::optional<absl::Time> resets_at = {};  // used_up: when it is full again, if that is known
};

// A whole body, JSON. A protocol that is not known gets the form of OpenAI.
std::string ErrorBody(Protocol protocol, const ErrorReply& reply);

// The same as an event, to end a stream that is under way: the protocol's own of a failure. It is
// followed by no `[DONE]` or the like, so that no client takes the stream for complete.
std::string ErrorEvent(Protocol protocol, const ErrorReply& reply);

// An event that clients pass over, to keep a stream from looking dead before its first event.
std::string PingEvent(Protocol protocol);

}  // namespace zbroker::zai

#endif  // ZBROKER_SHIMS_ZAI_REPLY_H_
