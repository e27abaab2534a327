#include "shims/tools/url.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "shims/zai/endpoint.h"

namespace zbroker::tools {
namespace {

constexpr absl::string_view kAnthropicPath = "/api/anthropic";
constexpr absl::string_view kOpenAiPath = "/api/coding/paas/v4";
constexpr absl::string_view kGeneralOpenAiPath = "/api/paas/v4";

}  // namespace

Url ForProtocol(const Url& url, Protocol protocol) {
  const bool is_open_ai =
      absl::EndsWith(url.path, kOpenAiPath) || absl::EndsWith(url.path, kGeneralOpenAiPath);
  const bool is_anthropic = absl::EndsWith(url.path, kAnthropicPath);
  if (protocol == Protocol::kOpenAi && is_anthropic) {
    const auto prefix = url.path.substr(0, url.path.size() - kAnthropicPath.size());
    return {url.origin, absl::StrCat(prefix, kOpenAiPath)};
  }
  if (protocol == Protocol::kAnthropic && is_open_ai) {
    const auto prefix = url.path.substr(0, url.path.rfind("/api/"));
    return {url.origin, absl::StrCat(prefix, kAnthropicPath)};
  }
  return url;
}

std::optional<std::string> Through(absl::string_view gateway, const Url& upstream,
                                   const Url& target) {
  if (target.origin != upstream.origin) return std::nullopt;
  if (target.path == upstream.path) return std::string(gateway);
  if (zai::IsServicePath(target.path)) return absl::StrCat(gateway, target.path);
  absl::string_view below = target.path;
  if (absl::ConsumePrefix(&below, upstream.path) && absl::StartsWith(below, "/") &&
      !zai::IsServicePath(below)) {
    return absl::StrCat(gateway, below);
  }
  return std::nullopt;
}

}  // namespace zbroker::tools
