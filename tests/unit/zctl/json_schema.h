// The JSON Schema of what zctl prints with --json, made of the messages that it prints.
#ifndef ZBROKER_TESTS_UNIT_ZCTL_JSON_SCHEMA_H_
#define ZBROKER_TESTS_UNIT_ZCTL_JSON_SCHEMA_H_

#include <string>

namespace zbroker::zctl {

// Draft 7, which editors and most validators know. In `definitions` are each command's output by
// its name ("status", "events --follow", "error") and each message within by its own.
std::string JsonSchemaOfOutputs();

}  // namespace zbroker::zctl

#endif  // ZBROKER_TESTS_UNIT_ZCTL_JSON_SCHEMA_H_
