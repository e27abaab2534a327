// What the paths of the upstream mean.
#ifndef ZBROKER_SHIMS_ZAI_ENDPOINT_H_
#define ZBROKER_SHIMS_ZAI_ENDPOINT_H_

#include "absl/strings/string_view.h"

namespace zbroker::zai {

// The base URL of the provider's subscriptions, for who speaks Anthropic's protocol.
inline constexpr absl::string_view kProviderUrl = "https://api.z.ai/api/anthropic";

// Whose requests, answers and errors are spoken. kNone: not known.
enum class Protocol { kAnthropic, kOpenAi, kMcp, kNone };

struct Endpoint {
  Protocol protocol = Protocol::kNone;
  // Makes a model work, so it needs a slot. Any POST that is not known to be free counts: on an
  // unknown path too many leases do less harm than too few.
  bool model_request = false;
  // An MCP message is posted. Whether it needs a slot is said by its body.
  bool mcp = false;
};

// `path` is that of the upstream's URL, without query, in any of the forms that a base URL leads
// to:
// "/api/anthropic/v1/messages", "/v1/messages", "/api/coding/paas/v4/chat/completions",
// "/chat/completions", "/api/mcp/web_reader/mcp". Slashes at its end mean nothing.
Endpoint FindEndpoint(absl::string_view method, absl::string_view path);

// Whether a path, without query, is that of one of the provider's services from the host's root on,
// such as "/api/mcp/web_reader/mcp".
bool IsServicePath(absl::string_view path);

}  // namespace zbroker::zai

#endif  // ZBROKER_SHIMS_ZAI_ENDPOINT_H_
