// Finding the error in an answer, in every shape that the upstream has used. For sources of this
// folder only.
#ifndef ZBROKER_SHIMS_ZAI_ERROR_FACTS_H_
#define ZBROKER_SHIMS_ZAI_ERROR_FACTS_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "shims/zai/endpoint.h"
#include "shims/zai/error_table.h"
#include "shims/zai/json_reader.h"
#include "shims/zai/sse.h"

namespace zbroker::zai {

// What an error says of itself, before its HTTP status and the endpoint are considered.
struct ErrorFacts {
  std::string code;               // the business code, else whatever stands in its place
  const ErrorRow* row = nullptr;  // of `code`; null: not known
  int status = 0;                 // an HTTP status that the error names or implies; 0: none
  std::string text;               // as written, at most 2 KiB: what times and phrases are read from
  std::string message;            // the part of it that is meant for people
  std::string request_id;
  std::string retry_after;  // as written in the JSON
  std::string retry_after_ms;
  std::string reset;         // when the window is full again, as written in the JSON
  bool typed = false;        // `status` is by an error's type, in its protocol's own words
  bool has_content = false;  // something of an answer came before it
};

// The code of a completion that was cut upstream.
inline constexpr absl::string_view kBrokenFinish = "network_error";

// The error that `document` is: at its top level, in what a relay has wrapped around it, never in
// content, choices or what a tool returned; in MCP also the one that a result holds as its only
// text; a Responses object that failed or is incomplete; and the reason `network_error`, with
// which a completion ends that was cut upstream. `refused`: the HTTP status is 400 or above, so a
// mere message is an error too.
std::optional<ErrorFacts> FindAnswerError(Protocol protocol, const json_reader::Element& document,
                                          bool refused);

// The same for an event of a stream. `document`: its data, if that is JSON. An event that is named
// `error` is one whatever it holds.
std::optional<ErrorFacts> FindEventError(Protocol protocol, const Event& event,
                                         const std::optional<json_reader::Element>& document);

// A body that is refused and not JSON.
ErrorFacts ReadErrorText(absl::string_view text);

}  // namespace zbroker::zai

#endif  // ZBROKER_SHIMS_ZAI_ERROR_FACTS_H_
