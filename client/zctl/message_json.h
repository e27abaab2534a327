// Messages as JSON.
//
// The JSON mapping of protobuf with proto field names and every primitive field printed. In one
// thing it says more than protobuf's own printer can: an unset singular message is an explicit
// null, so that a script finds every key in every answer.
#ifndef ZBROKER_CLIENT_ZCTL_MESSAGE_JSON_H_
#define ZBROKER_CLIENT_ZCTL_MESSAGE_JSON_H_

#include <cstddef>
#include <string>

#include "google/protobuf/message.h"

namespace zbroker::zctl {

enum class JsonStyle { kOneLine, kIndented };

// Without a newline at the end. `depth` is how deep inside a larger JSON value it stands, which
// only indentation shows.
//
// REQUIRES: no maps, bytes or groups in the message, and no well-known types other than Timestamp
// and Duration; zbroker's messages have none.
std::string ToJson(const google::protobuf::Message& message, JsonStyle style, size_t depth = 0);

// A quoted string.
std::string JsonString(const std::string& text);

// A line break with the indentation of `depth`; empty for kOneLine.
std::string JsonBreak(JsonStyle style, size_t depth);

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_MESSAGE_JSON_H_
