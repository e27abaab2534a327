// What a relay says itself, to the client of its server.
#ifndef ZBROKER_SHIMS_MCP_OWN_WORDS_H_
#define ZBROKER_SHIMS_MCP_OWN_WORDS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "shims/mcp/message.h"

namespace zbroker::mcp {

// Why there is no lease, for a model to read: what is the matter, until when, and what to do.
std::string RefusalWords(const absl::Status& refusal, absl::TimeZone zone);
// The same when nobody refused, but the client would have given up before long. `state`: what the
// call waited for; it may be empty.
std::string PatienceWords(absl::Duration patience, absl::string_view state);

// The line that answers calls which were not made: a tool's result that is an error, so that the
// model reads it. A batch is answered by a batch, which answers all of its requests.
std::string RefusalLine(bool batch, const std::vector<Message>& requests, absl::string_view text);

// The line of a notification that a call waits, the `number`th, from 1, of its token. What is said
// of progress must grow, also when it is the server's turn, which may begin at zero: so ours stays
// below that, at -1/number.
std::string ProgressLine(absl::string_view token, int number, absl::string_view text);

}  // namespace zbroker::mcp

#endif  // ZBROKER_SHIMS_MCP_OWN_WORDS_H_
