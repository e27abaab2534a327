// What of a line of MCP's stdio transport matters to who relays it: JSON-RPC 2.0, one message or a
// batch (as protocol versions until 2025-03-26 have them) a line.
#ifndef ZBROKER_SHIMS_MCP_MESSAGE_H_
#define ZBROKER_SHIMS_MCP_MESSAGE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace zbroker::mcp {

struct Message {
  enum class Kind {
    kOther,    // another notification, or nothing that JSON-RPC knows
    kCall,     // tools/call that wants an answer
    kRequest,  // another request
    kCancel,   // notifications/cancelled
    kAnswer,   // to a request: an id and no method
  };
  Kind kind = Kind::kOther;
  std::string id;              // as JSON; of kCancel, that of the request
  std::string tool;            // of kCall; fit to be shown, at most 256 bytes
  std::string progress_token;  // of kCall, as JSON; empty: it wants to hear of no progress
  std::string text;            // of kAnswer in a batch: itself; else empty, as the line is it
};

struct MessageLine {
  bool batch = false;
  std::vector<Message> messages;  // none if the line is not JSON
};

// Reads lines. Keeps its buffers from one to the next, unless they have become large. Not
// thread-safe.
class MessageReader {
 public:
  MessageReader();
  ~MessageReader();

  // Never fails. Of a member that occurs twice the first counts. Bytes that are not UTF-8 are taken
  // for some character, as servers do.
  MessageLine Read(absl::string_view line);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace zbroker::mcp

#endif  // ZBROKER_SHIMS_MCP_MESSAGE_H_
