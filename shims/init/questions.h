// Finding out what the configuration is to say: by flags, by what is there, and by questions.
#ifndef ZBROKER_SHIMS_INIT_QUESTIONS_H_
#define ZBROKER_SHIMS_INIT_QUESTIONS_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "shims/init/choices.h"
#include "shims/init/command_line.h"

namespace zbroker::init {

// What is known before anything is asked.
struct Facts {
  Choices now;                     // what the configuration that is there says
  std::vector<std::string> tools;  // those found
  std::string upstream_of_tools;   // the provider's base URL that their settings have, or empty
  bool gateway_runs = false;       // so that tools can be set up
  absl::Time time;
  absl::TimeZone zone;
};

// A line that the person types, without its end; empty when there will be none.
using AskLine = std::function<std::optional<std::string>(absl::string_view question)>;

// `ask` is null when nobody can be asked. Errors: INVALID_ARGUMENT for a flag that is wrong, or
// that is needed as nobody can be asked; CANCELLED when the answers ended before the questions, or
// none of several to one question was of use.
absl::StatusOr<Choices> Choose(const CommandLine& line, const Facts& facts, const AskLine& ask);

}  // namespace zbroker::init

#endif  // ZBROKER_SHIMS_INIT_QUESTIONS_H_
