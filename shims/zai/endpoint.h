// What the paths of the upstream mean, and what a path that nobody has heard of is taken for.
//
// The first of these that fits decides:
//
//   1. MCP, by its path.
//   2. A known end of a path (`/messages`, `/responses`, `/messages/count_tokens` …): the table
//   says
//      what it is, whatever stands before it: providers move their bases.
//   3. Telemetry, by a word in the path: what a tool tells its own maker. It is answered here. The
//      provider has no use for it, and it would go there with the user's key.
//   4. Not posted: asks, and makes no model work. No slot, and it waits for nobody.
//   5. Posted to anywhere else: a request for a model if its body names one or can't be read
//      (`names_model`); else it is relayed and needs no slot. What is counted upstream is work of
//      models, so a lease too many costs a moment and one too few costs somebody a throttle; but a
//      body without a model makes no model work, whatever its path is.
#ifndef ZBROKER_SHIMS_ZAI_ENDPOINT_H_
#define ZBROKER_SHIMS_ZAI_ENDPOINT_H_

#include "absl/strings/string_view.h"

namespace zbroker::zai {

// The base URL of the provider's subscriptions, for who speaks Anthropic's protocol.
inline constexpr absl::string_view kProviderUrl = "https://api.z.ai/api/anthropic";

// Whether an origin, "https://HOST", is one of the provider's.
bool IsProviderOrigin(absl::string_view origin);

// Whose requests, answers and errors are spoken. kOpenAi is Chat Completions and kin; kResponses
// OpenAI's later protocol, which Codex speaks; kNone: not known.
enum class Protocol { kAnthropic, kOpenAi, kResponses, kMcp, kNone };

struct Endpoint {
  Protocol protocol = Protocol::kNone;
  // Makes a model work, so it needs a slot; if `unknown`, only if its body is such.
  bool model_request = false;
  // Rule 5: the path says nothing, the body decides.
  bool unknown = false;
  // An MCP message is posted. Whether it needs a slot is said by its body.
  bool mcp = false;
  // What a tool tells its own maker: to be answered here.
  bool telemetry = false;
};

// `path` is that of the upstream's URL, without query, in any of the forms that a base URL leads
// to:
// "/api/anthropic/v1/messages", "/v1/messages", "/api/coding/paas/v4/chat/completions",
// "/chat/completions", "/api/v1/responses", "/api/mcp/web_reader/mcp". Slashes at its end mean
// nothing, nor does one more in its middle.
Endpoint FindEndpoint(absl::string_view method, absl::string_view path);

// Whether a path, without query, is that of one of the provider's services from the host's root on,
// such as "/api/mcp/web_reader/mcp".
bool IsServicePath(absl::string_view path);

// Whether it is one by which the provider is known, whatever host serves it: others' APIs have no
// such paths.
bool IsTellingPath(absl::string_view path);

// Whether it is that of the general API, paid as it is used: a subscription's key is refused there.
bool IsGeneralPath(absl::string_view path);

}  // namespace zbroker::zai

#endif  // ZBROKER_SHIMS_ZAI_ENDPOINT_H_
