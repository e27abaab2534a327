// How the provider words its refusals: every shape it has used, and status and text by business
// code. The source is the provider's documentation and captures, not this project's classifier.
#ifndef ZBROKER_TESTS_TESTING_UPSTREAM_ERROR_SHAPES_H_
#define ZBROKER_TESTS_TESTING_UPSTREAM_ERROR_SHAPES_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "tests/testing/upstream/routes.h"

namespace zbroker::testing {

enum class ErrorShape {
  kOpenAi,           // {"error":{"code":"1302","message":"…"}}
  kOpenAiNumber,     // the same, the code as a number
  kOpenAiRequestId,  // {"error":{"code":"1302","message":"…"},"request_id":"…"}
  kFlat,             // {"code":"1302","message":"[1302][…][reqid]"}
  kCodeInType,       // {"type":"error","error":{"type":"1302","message":"…"},"request_id":"…"}
  kAnthropic,        // {"type":"error","error":{"type":"rate_limit_error","code":"1302", …}, …}
  kMessageOnly,      // {"message":"…"}
  kErrorText,        // {"error":"…"}
  kText,             // the message, not JSON
};

// The names in settings: "openai", "openai_number", "openai_request_id", "flat", "code_in_type",
// "anthropic", "message_only", "error_text", "text".
absl::string_view ErrorShapeName(ErrorShape shape);
std::optional<ErrorShape> ParseErrorShape(absl::string_view name);
// All of them, for a message: "openai, openai_number, …".
std::string ErrorShapeNames();

// The shape in use on the paths of `protocol` since May 2026.
ErrorShape CurrentErrorShape(Protocol protocol);

struct ProviderError {
  std::string code;        // business code; one that is not in the table is answered as a 429
  std::string message;     // empty: the usual text of the code
  std::string reset;       // YYYY-MM-DD HH:MM:SS of UTC+8, for the texts that state one
  std::string model;       // for the texts that name it
  std::string request_id;  // see RequestId()
};

int ErrorStatus(absl::string_view code, Protocol protocol);
std::string ErrorBody(const ProviderError& error, ErrorShape shape);

// The provider's clock, UTC+8, as "YYYY-MM-DD HH:MM:SS".
std::string ProviderTime(absl::Time time);
// yyyyMMddHHmmss of the provider's clock, then 18 hexadecimal digits that `number` gives.
std::string RequestId(absl::Time now, uint64_t number);

}  // namespace zbroker::testing

#endif  // ZBROKER_TESTS_TESTING_UPSTREAM_ERROR_SHAPES_H_
