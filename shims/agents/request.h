// JSON-RPC 2.0 as MCP's stdio transport has it: what a client says in a line.
#ifndef ZBROKER_SHIMS_AGENTS_REQUEST_H_
#define ZBROKER_SHIMS_AGENTS_REQUEST_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace zbroker::agents {

inline constexpr int kParseError = -32700;
inline constexpr int kInvalidRequest = -32600;
inline constexpr int kMethodNotFound = -32601;
inline constexpr int kInvalidParams = -32602;
inline constexpr int kInternalError = -32603;

struct Request {
  std::string id;      // as JSON; empty: a notification, which nobody may answer
  std::string method;  // empty: an answer to us, who have asked nothing; or `error` is set
  int error = 0;       // what is wrong with it; 0: nothing
  std::string fault;   // the same in words

  // Of the parameters, empty where they are not there or are something else.
  std::string protocol_version;  // of initialize
  std::string tool;              // of tools/call: its name
  std::string arguments;         // of tools/call, as JSON: an object
  std::string progress_token;    // as JSON
  std::string cancelled;         // of notifications/cancelled: the id of the request, as JSON
  bool has_cursor = false;
};

struct RequestLine {
  bool batch = false;
  std::vector<Request> requests;
};

// Reads a line without its end. Never fails: what can't be read is a request with an error. None of
// a line of blanks.
RequestLine ReadLine(absl::string_view line);

}  // namespace zbroker::agents

#endif  // ZBROKER_SHIMS_AGENTS_REQUEST_H_
