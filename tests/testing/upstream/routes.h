// Which request is for what.
#ifndef ZBROKER_TESTS_TESTING_UPSTREAM_ROUTES_H_
#define ZBROKER_TESTS_TESTING_UPSTREAM_ROUTES_H_

#include <string>

#include "absl/strings/string_view.h"

namespace zbroker::testing {

// The API that a path belongs to; it decides how answers and errors are worded.
enum class Protocol {
  kAnthropic,
  kOpenAi,
  kPlain,  // plain text, for clients as simple as curl
};

enum class Endpoint {
  kModelRequest,  // takes service time and counts against the limit; no other does
  kCountTokens,
  kModels,
  kProbe,  // HEAD of anything
  kControl,
  kWrongMethod,
  kUnknown,
};

struct Route {
  Endpoint endpoint = Endpoint::kUnknown;
  Protocol protocol = Protocol::kPlain;  // of unknown paths: by their prefix
  std::string path;                      // the target without its query
};

// Pure. `target` is the request's target as it came.
Route FindRoute(absl::string_view method, absl::string_view target);

// The value of a parameter in the target's query, empty when it is not there. Escapes stay as they
// are.
std::string QueryParameter(absl::string_view target, absl::string_view name);

}  // namespace zbroker::testing

#endif  // ZBROKER_TESTS_TESTING_UPSTREAM_ROUTES_H_
