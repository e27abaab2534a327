#include "shims/flags/checks.h"

#include "absl/time/clock.h"
#include "client/base/duration.h"
#include "client/base/instant.h"
#include "client/base/text.h"

namespace zbroker::flags {

std::string CheckDuration(const std::string& text) {
  const auto length = zbroker::ParseDuration(text);
  return length.ok() ? "" : std::string(length.status().message());
}

std::string CheckInstant(const std::string& text) {
  const auto at = ParseInstant(text, absl::Now(), absl::LocalTimeZone());
  return at.ok() ? "" : std::string(at.status().message());
}

Check CheckNameOf(const std::string& option) {
  return [option](const std::string& value) -> std::string {
    if (value.empty()) return option + " must not be empty";
    return std::string(CheckName(option, value).message());
  };
}

}  // namespace zbroker::flags
