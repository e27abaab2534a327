// Messages as JSON.
//
// The JSON mapping of protobuf with proto field names and every primitive field printed. In one
// thing it says more than protobuf's own printer can: an unset singular message is an explicit
// null, so that a script finds every key in every answer.
#ifndef ZBROKER_CLIENT_ZCTL_MESSAGE_JSON_H_
#define ZBROKER_CLIENT_ZCTL_MESSAGE_JSON_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "google/protobuf/message.h"

namespace zbroker::zctl {

enum class JsonStyle { kOneLine, kIndented };

// Without a newline at the end. `depth` is how deep inside a larger JSON value it stands, which
// only indentation shows.
//
// REQUIRES: no maps, bytes or groups in the message, and no well-known types other than Timestamp,
// Duration and StringValue; zbroker's messages have none.
std::string ToJson(const google::protobuf::Message& message, JsonStyle style, size_t depth = 0);

// What --json prints begins with this version of what its fields mean; see output.proto.
inline constexpr int kJsonSchemaVersion = 1;
inline constexpr char kJsonSchemaField[] = "schema_version";

// A whole answer: as ToJson, with the version on top unless the message has it itself.
std::string ToAnswer(const google::protobuf::Message& message, JsonStyle style);

// The answer that is none: a Failure. OK is no such status.
std::string ToFailure(const absl::Status& status, int exit_code, JsonStyle style);

// Whether a program reads what comes: --json is among the arguments, although they may be wrong.
bool AsksForJson(int argc, const char* const* argv);

// A quoted string.
std::string JsonString(const std::string& text);

// A line break with the indentation of `depth`; empty for kOneLine.
std::string JsonBreak(JsonStyle style, size_t depth);

}  // namespace zbroker::zctl

#endif  // ZBROKER_CLIENT_ZCTL_MESSAGE_JSON_H_
