// The body of a model request. Anthropic's and Chat Completions' differ too little to be told
// apart; Responses has `input` and `instructions` for `messages` and `system`.
#ifndef ZBROKER_SHIMS_ZAI_MODEL_REQUEST_H_
#define ZBROKER_SHIMS_ZAI_MODEL_REQUEST_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "shims/zai/endpoint.h"

namespace zbroker::zai {

struct ModelRequest {
  std::string model;
  bool stream = false;
  bool prompt = false;      // a person's query started it
  bool background = false;  // nobody waits for it
  // If it was asked for: of what is asked, and of whom; not of how it is to be answered.
  uint64_t fingerprint = 0;
};

// Nothing if the body is not a JSON object, as far as it had to be read to know.
//
// A prompt is a request whose last turn is the user's own: the last message of role `user`, `tool`
// or `function` is of `user` and holds no `tool_result`; in Responses, outputs of calls
// (`function_call_output` and kin) are the tools' turns, and what Codex tells of its surroundings
// in the user's name is none. Messages of other roles may follow it (Claude Code ends with one of
// `system`). Marked requests (background.h) and those for a single token are no prompts.
std::optional<ModelRequest> ReadModelRequest(Protocol protocol, absl::string_view body,
                                             bool fingerprint = false);

}  // namespace zbroker::zai

#endif  // ZBROKER_SHIMS_ZAI_MODEL_REQUEST_H_
