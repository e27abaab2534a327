#include "tests/testing/upstream/error_shapes.h"

#include <boost/json.hpp>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace zbroker::testing {
namespace {

namespace json = boost::json;

struct Shape {
  ErrorShape shape;
  absl::string_view name;
};

constexpr Shape kShapes[] = {
    {ErrorShape::kOpenAi, "openai"},
    {ErrorShape::kOpenAiNumber, "openai_number"},
    {ErrorShape::kOpenAiRequestId, "openai_request_id"},
    {ErrorShape::kFlat, "flat"},
    {ErrorShape::kCodeInType, "code_in_type"},
    {ErrorShape::kAnthropic, "anthropic"},
    {ErrorShape::kMessageOnly, "message_only"},
    {ErrorShape::kErrorText, "error_text"},
    {ErrorShape::kText, "text"},
};

struct Code {
  absl::string_view code;
  int status;
  const char* type;  // what the Anthropic API calls it
  absl::string_view message;
};

constexpr Code kUnknownCode = {"", 429, "rate_limit_error", "Request refused"};

constexpr Code kCodes[] = {
    {"1302", 429, "rate_limit_error", "Rate limit reached for requests"},
    {"1303", 429, "rate_limit_error",
     "High frequency usage of this API, please reduce frequency or contact customer service to "
     "increase limits"},
    {"1304", 429, "rate_limit_error",
     "Daily call limit for this API reached. For more requests, please contact customer service to "
     "purchase"},
    {"1305", 429, "overloaded_error",
     "The service may be temporarily overloaded, please try again later"},
    {"1312", 429, "rate_limit_error",
     "This model is currently experiencing high traffic. Please try again later, or switch to "
     "another model such as `glm-4.7`"},
    {"1308", 429, "rate_limit_error",
     "Usage limit reached for 5 hour. Your limit will reset at $RESET"},
    {"1310", 429, "rate_limit_error",
     "Weekly/Monthly Limit Exhausted. Your limit will reset at $RESET"},
    {"1316", 429, "rate_limit_error",
     "Usage limit reached for 5 hour and no balance. Your limit will reset at $RESET"},
    {"1317", 429, "rate_limit_error",
     "Usage limit reached for 7 day and no balance. Your limit will reset at $RESET"},
    {"1318", 429, "rate_limit_error",
     "Usage limit reached for 5 hour and spending cap. Your limit will reset at $RESET"},
    {"1319", 429, "rate_limit_error",
     "Usage limit reached for 7 day and spending cap. Your limit will reset at $RESET"},
    {"1320", 429, "rate_limit_error",
     "Usage limit reached for 5 hour. Your limit will reset at $RESET"},
    {"1321", 429, "rate_limit_error",
     "Usage limit reached for 7 day. Your limit will reset at $RESET"},
    {"1313", 429, "rate_limit_error",
     "Your account's current usage pattern does not comply with the Fair Usage Policy, and your "
     "request frequency has been limited."},
    {"1113", 429, "rate_limit_error",
     "Insufficient balance or no resource package. Please recharge."},
    {"1309", 429, "rate_limit_error",
     "Your GLM Coding Plan package has expired and is temporarily unavailable. You can resume "
     "using "
     "it after renewing the subscription on the official website."},
    {"1311", 429, "rate_limit_error",
     "Your current subscription plan does not yet include access to `$MODEL`"},
    {"1314", 429, "rate_limit_error", "Your enterprise plan has expired"},
    {"1315", 429, "rate_limit_error", "This API key is limited to enterprise use"},
    {"1000", 401, "authentication_error", "Authentication Failed"},
    {"1001", 401, "authentication_error", "Authentication parameter not received in Header"},
    {"1002", 401, "authentication_error", "Invalid Authentication Token"},
    {"1003", 401, "authentication_error", "Authentication Token expired"},
    {"1112", 403, "permission_error", "Your account has been locked"},
    {"1210", 400, "invalid_request_error", "Invalid API parameter, please check the documentation"},
    {"1211", 400, "invalid_request_error", "Unknown Model, please check the model code."},
    {"1220", 403, "permission_error", "You do not have permission to access this API"},
    {"1261", 400, "invalid_request_error", "Prompt exceeds max length"},
    {"1301", 400, "invalid_request_error", "Unsafe or sensitive content in input or generation"},
    {"500", 500, "api_error", "Internal Server Error"},
    {"-1", 500, "api_error", "Operation failed"},
    {"1120", 500, "api_error", "Unable to access the account, please try again later"},
    {"1200", 500, "api_error", "API call failed"},
    {"1230", 500, "api_error", "API call process error"},
    {"1234", 500, "api_error", "Network error, please try again later"},
};

const Code& FindCode(absl::string_view code) {
  for (const Code& row : kCodes) {
    if (row.code == code) return row;
  }
  return kUnknownCode;
}

std::string MessageOf(const ProviderError& error) {
  if (!error.message.empty()) return error.message;
  return absl::StrReplaceAll(FindCode(error.code).message,
                             {{"$RESET", error.reset}, {"$MODEL", error.model}});
}

json::value NumberIfPossible(const std::string& code) {
  int64_t number = 0;
  if (absl::SimpleAtoi(code, &number)) return number;
  return json::value(code);
}

// The newest shapes repeat code and request id inside the message.
std::string Bracketed(const ProviderError& error, const std::string& message) {
  return absl::StrCat("[", error.code, "][", message, "][", error.request_id, "]");
}

json::object AnthropicError(json::object error, const std::string& request_id) {
  return json::object{{"type", "error"}, {"error", std::move(error)}, {"request_id", request_id}};
}

}  // namespace

absl::string_view ErrorShapeName(ErrorShape shape) {
  for (const Shape& row : kShapes) {
    if (row.shape == shape) return row.name;
  }
  return "";
}

std::optional<ErrorShape> ParseErrorShape(absl::string_view name) {
  for (const Shape& row : kShapes) {
    if (row.name == name) return row.shape;
  }
  return std::nullopt;
}

std::string ErrorShapeNames() {
  return absl::StrJoin(kShapes, ", ",
                       [](std::string* out, const Shape& row) { absl::StrAppend(out, row.name); });
}

ErrorShape CurrentErrorShape(Protocol protocol) {
  return protocol == Protocol::kAnthropic ? ErrorShape::kAnthropic : ErrorShape::kOpenAi;
}

int ErrorStatus(absl::string_view code, Protocol protocol) {
  if (code == "1305" && protocol == Protocol::kAnthropic) return 529;
  return FindCode(code).status;
}

std::string ErrorBody(const ProviderError& error, ErrorShape shape) {
  const std::string message = MessageOf(error);
  const json::object plain = {{"code", error.code}, {"message", message}};
  switch (shape) {
    case ErrorShape::kOpenAi:
      return json::serialize(json::object{{"error", plain}});
    case ErrorShape::kOpenAiNumber: {
      const json::object numbered = {{"code", NumberIfPossible(error.code)}, {"message", message}};
      return json::serialize(json::object{{"error", numbered}});
    }
    case ErrorShape::kOpenAiRequestId:
      return json::serialize(json::object{{"error", plain}, {"request_id", error.request_id}});
    case ErrorShape::kFlat:
      return json::serialize(
          json::object{{"code", error.code}, {"message", Bracketed(error, message)}});
    case ErrorShape::kCodeInType:
      return json::serialize(
          AnthropicError({{"type", error.code}, {"message", message}}, error.request_id));
    case ErrorShape::kAnthropic:
      return json::serialize(AnthropicError({{"type", FindCode(error.code).type},
                                             {"code", error.code},
                                             {"message", Bracketed(error, message)}},
                                            error.request_id));
    case ErrorShape::kMessageOnly:
      return json::serialize(json::object{{"message", message}});
    case ErrorShape::kErrorText:
      return json::serialize(json::object{{"error", message}});
    case ErrorShape::kText:
      return message;
  }
  return message;
}

std::string ProviderTime(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", time, absl::FixedTimeZone(8 * 60 * 60));
}

std::string RequestId(absl::Time now, uint64_t number) {
  return absl::StrCat(absl::FormatTime("%Y%m%d%H%M%S", now, absl::FixedTimeZone(8 * 60 * 60)),
                      absl::StrFormat("%018x", number));
}

}  // namespace zbroker::testing
