// JSON Schemas of messages, as MCP has them of a tool's arguments and of its structured result.
#ifndef ZBROKER_SHIMS_AGENTS_SCHEMA_H_
#define ZBROKER_SHIMS_AGENTS_SCHEMA_H_

#include <string>

#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/struct.pb.h"

namespace zbroker::agents {

// Of arguments: what `required` of agent.proto says is required, and nothing else may be there.
google::protobuf::Struct SchemaOfArguments(const google::protobuf::Descriptor& message);

// Of what zctl::ToJson writes: every field is there but an optional one that is not set; a message
// that is not set is null.
google::protobuf::Struct SchemaOfResult(const google::protobuf::Descriptor& message);

// Reads arguments, a JSON object. Errors: INVALID_ARGUMENT, for a model to mend, when they are not
// as the schema says.
absl::Status ReadArguments(const std::string& json, google::protobuf::Message* arguments);

}  // namespace zbroker::agents

#endif  // ZBROKER_SHIMS_AGENTS_SCHEMA_H_
