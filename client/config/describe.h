// How values of a file are shown in error messages.
#ifndef ZBROKER_CLIENT_CONFIG_DESCRIBE_H_
#define ZBROKER_CLIENT_CONFIG_DESCRIBE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/config/toml_fwd.h"

namespace zbroker::config {

inline constexpr size_t kShownColumnsMax = 64;

// In quotes, without control characters, and cut to kShownColumnsMax.
std::string Quote(absl::string_view text);

// A value as the file has it, or what kind of thing it is.
std::string Describe(const toml::node& node);

// A length in the largest unit that divides it: bounds are to be shown as people set them, and
// FormatDuration shows one second as "1.0s".
std::string DescribeBound(absl::Duration bound);

}  // namespace zbroker::config

#endif  // ZBROKER_CLIENT_CONFIG_DESCRIBE_H_
