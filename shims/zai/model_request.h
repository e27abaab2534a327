// The body of a model request, Anthropic or OpenAI: they differ too little to be told apart.
#ifndef ZBROKER_SHIMS_ZAI_MODEL_REQUEST_H_
#define ZBROKER_SHIMS_ZAI_MODEL_REQUEST_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace zbroker::zai {

struct ModelRequest {
  std::string model;
  bool stream = false;
  bool prompt = false;      // a person's query started it
  bool background = false;  // nobody waits for it
};

// Nothing if the body is not a JSON object, as far as it had to be read to know.
//
// A prompt is a request whose last turn is the user's own: the last message of role `user`, `tool`
// or `function` is of `user` and holds no `tool_result`. Messages of other roles may follow it
// (Claude Code ends with one of `system`). Marked requests (background.h) and those for a single
// token are no prompts.
std::optional<ModelRequest> ReadModelRequest(absl::string_view body);

}  // namespace zbroker::zai

#endif  // ZBROKER_SHIMS_ZAI_MODEL_REQUEST_H_
