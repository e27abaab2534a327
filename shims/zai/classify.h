// What an answer of the upstream means.
#ifndef ZBROKER_SHIMS_ZAI_CLASSIFY_H_
#define ZBROKER_SHIMS_ZAI_CLASSIFY_H_

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "shims/zai/endpoint.h"
#include "shims/zai/headers.h"
#include "shims/zai/signal.h"

namespace zbroker::zai {

// A view of a complete answer. `headers` refers to whatever it was made from: build the response in
// the call. `date`, `content-type`, `retry-after` and `retry-after-ms` are read.
struct Response {
  int status = 0;
  HeaderLookup headers = NoHeaders;
  absl::string_view body;  // decoded: no Content-Encoding, no chunks
};

// What is wrong with an answer that does not call itself an error.
enum class Flaw {
  kNone,
  kEmpty,    // every member is empty, or there is no content and no token was spent
  kCut,      // JSON that does not come to its end
  kForeign,  // a page, words, JSON of another kind: somebody else gave it, and no model worked
};

// Of a whole answer to a model request, with a status below 300 and no error in it. Of a path that
// nobody has heard of, JSON of any kind is an answer.
Flaw FlawOf(const Endpoint& endpoint, absl::string_view body);

// Never fails. Decides by business code wherever there is one, in JSON, event streams (by the
// content type, or by their look) and MCP results; under any HTTP status. Of a successful answer
// only what the protocol says is believed: nothing that a model or a tool wrote makes an error of
// it. A `retry_after` is reported, whatever the signal. Statuses below 400 without an error are
// kNone.
Verdict ClassifyResponse(const Endpoint& endpoint, const Response& response, absl::Time now);

}  // namespace zbroker::zai

#endif  // ZBROKER_SHIMS_ZAI_CLASSIFY_H_
