// Times and quantities in words for models, which read no tables.
#ifndef ZBROKER_SHIMS_AGENTS_WORDS_H_
#define ZBROKER_SHIMS_AGENTS_WORDS_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace zbroker::agents {

// "14:05 (in 1h51m)", with the date before it when that is not today; "now" for what has passed.
// Rounded up to the minute: who comes back then must not be too early.
std::string When(absl::Time time, absl::Time now, absl::TimeZone zone);

// "1 prompt", "40 prompts". `unit` in the plural.
std::string Count(double number, absl::string_view unit);

// With a capital letter and a full stop.
std::string Sentence(std::string text);

}  // namespace zbroker::agents

#endif  // ZBROKER_SHIMS_AGENTS_WORDS_H_
