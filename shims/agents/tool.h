// What an agent can ask.
#ifndef ZBROKER_SHIMS_AGENTS_TOOL_H_
#define ZBROKER_SHIMS_AGENTS_TOOL_H_

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "shims/agents/office.h"

namespace zbroker::agents {

// The result of a tool's call.
struct Answer {
  std::string text;
  std::string structured;  // JSON; empty: there is none
  bool is_error = false;
};

// An answer that takes a while.
class Waiting {
 public:
  virtual ~Waiting() = default;

  // Looks once; `waited` for so long by then. Empty: not yet.
  virtual std::optional<Answer> Look(Office& office, absl::Duration waited) = 0;

  // How long it waits at most.
  virtual absl::Duration patience() const = 0;
  // What it waits for, and how that stands; changes with Look().
  virtual std::string words() const = 0;
};

using Outcome = std::variant<Answer, std::unique_ptr<Waiting>>;

struct Tool {
  absl::string_view name;
  absl::string_view title;
  absl::string_view description;  // for models: when to call it, what the answer means
  const google::protobuf::Descriptor* arguments;
  const google::protobuf::Descriptor* result;
  // `arguments`: a JSON object.
  Outcome (*call)(const std::string& arguments, Office& office, absl::TimeZone zone);
};

const std::vector<Tool>& AllTools();

// What a client may tell its model of all of them.
extern const absl::string_view kInstructions;

// The result of a message with a field "summary", which becomes the text.
Answer AnswerWith(const google::protobuf::Message& message, const std::string& summary);

// Why there is no result, for a model: what is the matter and what to do.
Answer AnswerWith(const absl::Status& error);

}  // namespace zbroker::agents

#endif  // ZBROKER_SHIMS_AGENTS_TOOL_H_
