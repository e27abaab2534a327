// The bytes of the folders in `cases`, and the same in other forms.
#ifndef ZBROKER_TESTS_INTEGRATION_GATEWAY_CASE_FILES_H_
#define ZBROKER_TESTS_INTEGRATION_GATEWAY_CASE_FILES_H_

#include <string>

#include "absl/strings/string_view.h"

namespace zbroker::testing {

// `file`: "FOLDER/NAME". Fails the test if there is none.
std::string ReadCase(const std::string& file);

// What follows the head of a message.
std::string BodyOf(absl::string_view message);
// Of a body in one chunk; any other is as it is.
std::string WithoutChunks(const std::string& body);

std::string Gzip(absl::string_view bytes);

// A whole answer without its Content-Type; one with its body compressed, and saying so.
std::string WithoutType(const std::string& message);
std::string Compressed(const std::string& message);

}  // namespace zbroker::testing

#endif  // ZBROKER_TESTS_INTEGRATION_GATEWAY_CASE_FILES_H_
