#include "tests/testing/upstream/routes.h"

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace zbroker::testing {
namespace {

struct KnownPath {
  absl::string_view path;
  absl::string_view methods;
  Endpoint endpoint;
  Protocol protocol;
};

constexpr KnownPath kKnownPaths[] = {
    {"/", "GET POST", Endpoint::kModelRequest, Protocol::kPlain},
    {"/work", "GET POST", Endpoint::kModelRequest, Protocol::kPlain},
    {"/api/anthropic/v1/messages", "POST", Endpoint::kModelRequest, Protocol::kAnthropic},
    {"/api/anthropic/v1/messages/count_tokens", "POST", Endpoint::kCountTokens,
     Protocol::kAnthropic},
    {"/api/anthropic/v1/models", "GET", Endpoint::kModels, Protocol::kAnthropic},
    {"/api/coding/paas/v4/chat/completions", "POST", Endpoint::kModelRequest, Protocol::kOpenAi},
    {"/api/coding/paas/v4/models", "GET", Endpoint::kModels, Protocol::kOpenAi},
};

Protocol ProtocolOfPrefix(absl::string_view path) {
  if (absl::StartsWith(path, "/api/anthropic")) return Protocol::kAnthropic;
  if (absl::StartsWith(path, "/api/")) return Protocol::kOpenAi;
  return Protocol::kPlain;
}

bool Allows(absl::string_view methods, absl::string_view method) {
  for (absl::string_view allowed : absl::StrSplit(methods, ' ')) {
    if (allowed == method) return true;
  }
  return false;
}

}  // namespace

Route FindRoute(absl::string_view method, absl::string_view target) {
  Route route;
  route.path = std::string(target.substr(0, target.find('?')));
  route.protocol = ProtocolOfPrefix(route.path);
  if (absl::StartsWith(route.path, "/_control/")) {
    route.endpoint = Endpoint::kControl;
    return route;
  }
  if (method == "HEAD") {
    route.endpoint = Endpoint::kProbe;
    return route;
  }
  for (const KnownPath& known : kKnownPaths) {
    if (known.path != route.path) continue;
    route.endpoint = Allows(known.methods, method) ? known.endpoint : Endpoint::kWrongMethod;
    route.protocol = known.protocol;
    break;
  }
  return route;
}

std::string QueryParameter(absl::string_view target, absl::string_view name) {
  const size_t query = target.find('?');
  if (query == absl::string_view::npos) return "";
  for (absl::string_view pair : absl::StrSplit(target.substr(query + 1), '&')) {
    if (absl::ConsumePrefix(&pair, name) && absl::ConsumePrefix(&pair, "=")) {
      return std::string(pair);
    }
  }
  return "";
}

}  // namespace zbroker::testing
