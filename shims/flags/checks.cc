#include "shims/flags/checks.h"

#include "client/base/duration.h"
#include "client/base/text.h"

namespace zbroker::flags {

std::string CheckDuration(const std::string& text) {
  const auto length = zbroker::ParseDuration(text);
  return length.ok() ? "" : std::string(length.status().message());
}

Check CheckNameOf(const std::string& option) {
  return [option](const std::string& value) -> std::string {
    if (value.empty()) return option + " must not be empty";
    return std::string(CheckName(option, value).message());
  };
}

}  // namespace zbroker::flags
